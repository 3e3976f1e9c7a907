"""A sealed score that is much worse has its likelier cause named (EVAL-14)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest

import heldout
from heldout.core.clock import Deadline
from heldout.core.journal import read_journal
from heldout.core.seed import Seed
from heldout.metrics.score import Score
from heldout.tables import read
from heldout.workflow import causes


def judged(value: float, sealed: bool) -> Any:
    """A verdict of which only score, seal and openings are read."""
    found = Score("roc_auc", value, value - 0.02, value + 0.02, 500)
    return SimpleNamespace(score=found, sealed=sealed, openings=1)


@pytest.mark.requirement("EVAL-14")
def test_only_beyond_both_intervals() -> None:
    """Intervals that meet say nothing; better is not worse."""
    assert causes.is_worse(judged(0.85, False), judged(0.75, True), True)
    assert not causes.is_worse(judged(0.85, False), judged(0.82, True), True)
    assert not causes.is_worse(judged(0.75, False), judged(0.85, True), True)
    assert causes.is_worse(judged(0.75, False), judged(0.85, True), False)
    lost = judged(0.5, True)
    lost.score = replace(lost.score, low=None)
    assert not causes.is_worse(judged(0.85, False), lost, True)


@pytest.mark.requirement("EVAL-14")
@pytest.mark.parametrize("shift", [0.0, 1.0])
def test_rows_that_differ_are_told_apart(tmp_path: Path, shift: float) -> None:
    """A column that has moved is named first; equal rows are not told apart."""
    rng = Seed(0).rng()
    moved = rng.normal(size=1_500) + shift * (np.arange(1_500) >= 1_000)
    path = tmp_path / "t.csv"
    pl.DataFrame({"same": rng.normal(size=1_500), "moved": moved}).write_csv(path)
    table = read.read(path)
    context: Any = SimpleNamespace(seed=Seed(0))
    opened, sealed = table.take(np.arange(1_000)), table.take(np.arange(1_000, 1_500))
    found = causes.told_apart(opened, sealed, Deadline.never(), context)
    assert found is not None
    name, words = causes.named(0.1, 0.01, found["auc"]["low"], 2)
    assert "opened 2 times" in words
    if shift:
        assert name == "rows"
        assert found["columns"][0]["column"] == "moved"
    else:
        assert name == "neither"
        assert found["columns"] == []


@pytest.mark.requirement("EVAL-14")
def test_a_file_of_ones_own_is_examined_too(tmp_path: Path) -> None:
    """A test file from elsewhere: its score is worse, and its rows are told apart."""
    rng = np.random.default_rng(0)

    def rows(n: int, shift: float) -> pl.DataFrame:
        a, b = rng.normal(size=n) + shift, rng.normal(size=n)
        noise = 1.5 if shift else 0.3
        y = np.where(a - shift + noise * rng.normal(size=n) > 0, "yes", "no")
        return pl.DataFrame({"a": a, "b": b, "y": y})

    test = tmp_path / "test.csv"
    rows(400, 3.0).write_csv(test)
    run = heldout.run(
        rows(600, 0.0), target="y", work=10, models="logistic", test=str(test),
        out=str(tmp_path / "run"),
    )  # fmt: skip
    told = next(e for e in read_journal(run.folder / "journal.jsonl") if e.step == "causes")
    assert told.decision == "rows"
    assert told.numbers["differ"]["columns"][0]["column"] == "a"
    assert told.numbers["sealed"] == pytest.approx(run.score)
