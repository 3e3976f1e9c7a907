"""`--refit-all`: every row after the sealed score, and said; what new data lack is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import heldout as library
from small_runs import Said, entries, table, write


@pytest.mark.slow
def test_every_row_is_fitted_after_the_score(tmp_path: Path, heldout: Callable[..., Said]) -> None:
    """The score stays that of the open rows; the bundle says that it is another model."""
    columns = table()
    columns.pop("house")
    data = write(tmp_path / "small.csv", columns)
    arguments = (
        "run",
        data,
        "--target",
        "left",
        "--seal",
        "--models",
        "logistic",
        "--work",
        "5",
        "--quiet",
        "--json",
    )
    plain = heldout(*arguments, "--out", tmp_path / "plain")
    full = heldout(*arguments, "--refit-all", "--out", tmp_path / "full")
    assert full.code == 0, full.err
    assert full.values["score"] == plain.values["score"]
    told = entries(tmp_path / "full", "refit_all")[-1]
    assert told["numbers"]["rows"] == 1200 > told["numbers"]["scored_on"]
    bundle = library.load(tmp_path / "full")
    assert bundle.recipe["refitted_on_all"]
    assert "not the model that was scored" in " ".join(bundle.card.split())
    assert bundle.digest != library.load(tmp_path / "plain").digest
    seen = np.load(tmp_path / "full" / "oof" / "trained.npy")
    assert len(seen) > len(np.load(tmp_path / "plain" / "oof" / "trained.npy"))
    foreign = write(tmp_path / "foreign.csv", {"x": list(range(40)), "left": ["yes", "no"] * 20})
    lacks = heldout("retrain", tmp_path / "plain", foreign, "--quiet")
    assert lacks.code == 3
    assert "H310" in lacks.err


def test_words_as_json(heldout: Callable[..., Said]) -> None:
    """One object on standard output."""
    said = heldout("learn", "seal", "--json")
    assert json.loads(said.out)["word"] == "seal"
