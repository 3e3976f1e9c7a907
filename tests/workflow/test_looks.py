"""Looks at the validation rows are counted, and how much the score moves with the split is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from small_runs import Made, entries, table, write


@pytest.mark.requirement("EVAL-12", "TUNE-06")
def test_the_ledger_of_looks_sets_the_best_validation_against_the_sealed_score(
    small: Made,
) -> None:
    found = small.steps("looks")[0]["numbers"]
    assert found["looks"] >= found["candidates"] >= 1
    assert found["cost"] >= 0
    verdict = small.steps("verdict")[0]["numbers"]
    assert found["sealed"] == verdict["value"]
    assert found["gap"] == pytest.approx(found["sealed"] - found["best_validation"])
    assert found["gap_low"] < found["gap"] < found["gap_high"]


@pytest.mark.requirement("EVAL-11", "EVAL-05")
def test_folds_differ_about_as_much_as_the_luck_of_rows(small: Made) -> None:
    found = small.steps("stability")[0]["numbers"]
    assert len(found["folds"]) == 5
    assert found["fold_mean"] == pytest.approx(np.mean(found["folds"]))
    assert 0 < found["between_folds"] < 5 * found["by_luck"]
    assert found["folds_differ"] is False


@pytest.mark.requirement("EVAL-11", "EVAL-07")
def test_a_single_split_is_shuffled_anew_to_see_how_much_the_score_moves(
    place: Path, heldout: Callable[..., Any]
) -> None:
    columns = {n: v[:120] for n, v in table().items() if n != "house"}
    data = write(place / "few.csv", columns)
    out = place / "few"
    said = heldout(
        "run", data, "--target", "left", "--protocol", "holdout", "--models", "logistic",
        "--work", "2", "--out", out, "--quiet", "--json",
    )  # fmt: skip
    assert said.code in (0, 4), said.err
    found = entries(out, "stability")[0]
    assert len(found["numbers"]["shuffles"]) == 10
    assert found["numbers"]["between_shuffles"] > 0.01
    assert found["numbers"]["advised"] == ("--protocol kfold" in found["decision"])


@pytest.mark.requirement("EVAL-19", "EVAL-20")
def test_what_is_trained_on_a_continuous_loss_is_also_told_in_decisions(small: Made) -> None:
    """Logistic regression minimizes log loss; accuracy of the decisions is told beside it."""
    others = {o["metric"]: o for o in small.steps("verdict")[0]["numbers"]["others"]}
    assert {"log_loss", "average_precision"} <= set(others)
    decided = small.steps("operating")[0]["numbers"]
    assert 0 < decided["right"] <= decided["flagged"] <= decided["samples"]
