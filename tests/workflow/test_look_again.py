"""The third look: entered in the journal and findings.json, skipped with a word when time is short."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import heldout
from heldout.core.journal import read_journal


@pytest.mark.requirement("DATA-06")
def test_turned_labels_are_listed_after_training(tmp_path: Path) -> None:
    """Where the truth is plain, turned labels are found by row; the clock allows it with --work."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(900, 3)).round(3)
    y = x[:, 0] > 0
    turned = rng.choice(np.flatnonzero(np.abs(x[:, 0]) > 0.8), 12, replace=False)
    y[turned] = ~y[turned]
    frame = pl.DataFrame({"a": x[:, 0], "b": x[:, 1], "c": x[:, 2], "y": np.where(y, "yes", "no")})
    frame.write_csv(tmp_path / "data.csv")
    run = heldout.run(
        str(tmp_path / "data.csv"),
        target="y",
        work=10,
        models=["logistic"],
        out=str(tmp_path / "run"),
    )
    entries = [e for e in read_journal(run.folder / "journal.jsonl") if e.step == "audit_again"]
    (entry,) = entries
    codes = [f["code"] for f in entry.numbers["findings"]]
    stored = json.loads((run.folder / "findings.json").read_text(encoding="utf-8"))
    assert set(codes) <= {f["code"] for f in stored}
    (suspects,) = [f for f in stored if f["code"] == "A701"]
    assert len(set(suspects["evidence"]["rows"]) & set(turned.tolist())) >= 8
