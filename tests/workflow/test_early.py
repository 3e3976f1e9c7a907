"""A model that answers exists within seconds; the final bundle replaces it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import heldout
from heldout.core.journal import read_journal
from heldout.workflow import finish


def test_an_early_bundle_answers_before_the_search_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that dies after its search leaves a bundle that answers, without a score."""
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=400), rng.integers(0, 4, size=400)
    y = np.where(a + b + rng.normal(size=400) > 1.5, "yes", "no")
    frame = pl.DataFrame({"a": a, "b": [f"level{v}" for v in b], "y": y})

    def dies(*_: object) -> None:
        raise RuntimeError("the machine went away")

    monkeypatch.setattr(finish, "tune", dies)
    with pytest.raises(RuntimeError, match="went away"):
        heldout.run(frame, target="y", work=12, out=str(tmp_path / "run"))
    bundle = heldout.load(tmp_path / "run")
    assert bundle.manifest["verdict"] is None
    assert bundle.predict(frame.head(5)).answered == 5
    steps = [e.step for e in read_journal(tmp_path / "run" / "journal.jsonl")]
    assert steps.index("early") < steps.index("leaderboard")
