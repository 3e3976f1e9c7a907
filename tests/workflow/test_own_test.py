"""--test FILE is the user's own seal: opened once, counted, rows that were trained on left out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import heldout
from heldout.core.journal import read_journal


def rows(n: int, seed: int) -> pl.DataFrame:
    """A table whose answer hangs on one of two numbers."""
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=n), rng.normal(size=n)
    y = np.where(a + 0.5 * rng.normal(size=n) > 0, "yes", "no")
    return pl.DataFrame({"a": a, "b": b, "y": y})


@pytest.mark.requirement("EVAL-03", "EVAL-13")
def test_a_file_of_ones_own_is_the_seal(tmp_path: Path) -> None:
    """Its new rows are scored, its openings counted; nothing of the data itself is sealed."""
    train, fresh = rows(400, 0), rows(150, 1)
    test = tmp_path / "test.csv"
    pl.concat([fresh, train.head(30)]).write_csv(test)
    options = {"target": "y", "work": 10, "test": str(test)}
    run = heldout.run(train, out=str(tmp_path / "one"), **options)
    assert (run.sealed, run.samples, run.openings) == (True, 150, 1)
    again = heldout.run(train, out=str(tmp_path / "two"), models="logistic", **options)
    assert again.openings == 2
    entries = read_journal(run.folder / "journal.jsonl")
    plan = next(e for e in entries if e.step == "plan")
    seal = next(e for e in entries if e.step == "seal")
    assert plan.numbers["sealed"] == 0
    assert seal.numbers["left_out"] == 30


def test_a_file_without_new_rows_is_refused(tmp_path: Path) -> None:
    """A score on rows that the model has seen says nothing about new ones."""
    train = rows(300, 0)
    train.head(100).write_csv(tmp_path / "test.csv")
    with pytest.raises(heldout.HeldoutError) as error:
        heldout.run(
            train, target="y", work=10, test=str(tmp_path / "test.csv"), out=str(tmp_path / "run")
        )
    assert error.value.code == "H320"


@pytest.mark.requirement("EVAL-09")
def test_a_file_from_the_time_that_is_trained_on_is_refused(tmp_path: Path) -> None:
    """A temporal leak: before any model is fitted; the same rows a year later are welcome."""
    train, fresh = rows(400, 0), rows(150, 1)
    days = pl.Series("day", range(400))
    train = train.with_columns(days)
    test = tmp_path / "test.csv"
    options = {"target": "y", "work": 10, "test": str(test), "models": "logistic", "time": "day"}
    fresh.with_columns(pl.Series("day", range(250, 400))).write_csv(test)
    with pytest.raises(heldout.HeldoutError) as error:
        heldout.run(train, out=str(tmp_path / "leak"), **options)
    assert error.value.code == "H271"
    assert "150 of its 150 rows are no later in day" in error.value.seen
    fresh.with_columns(pl.Series("day", range(400, 550))).write_csv(test)
    assert heldout.run(train, out=str(tmp_path / "later"), **options).samples == 150
