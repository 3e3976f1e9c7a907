"""Whoever leaves between choosing and bundling leaves every number too."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import heldout
from heldout.report.record import RunRecord
from heldout.workflow import deploy


def test_what_is_reported_is_of_those_that_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two that blend well, and room for one: ensemble, recipe and the line of the model agree."""
    monkeypatch.setattr(deploy, "MAX_NODES", 1)
    rng = np.random.default_rng(0)
    a, b, c = rng.normal(size=(3, 800))
    y = 2 * a + 2 * np.sign(b * c) + rng.normal(0, 0.5, 800)
    run = heldout.run(
        pl.DataFrame({"a": a, "b": b, "c": c, "y": y}), target="y", work=30,
        models="ridge,lightgbm_small", out=str(tmp_path / "run"),
    )  # fmt: skip
    record = RunRecord.from_journal(tmp_path / "run" / "journal.jsonl")
    assert record.lost, "nobody left: this shows nothing"
    with zipfile.ZipFile(next((tmp_path / "run").glob("*.heldout"))) as archive:
        recipe = json.loads(archive.read("recipe.json"))
    answering = [m["name"] for m in recipe["members"]]
    assert answering == [m["name"] for m in record.members]
    assert not set(answering) & set(record.lost)
    assert "better than the best single" not in str(run)
    chosen = {r["name"]: r["score"] for r in record.leaderboard}
    assert record.numbers("crossval")["naive"] == pytest.approx(chosen[answering[0]])
