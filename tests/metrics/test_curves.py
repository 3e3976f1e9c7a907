"""Curves, residuals and mistakes agree with scikit-learn and with counting by hand."""

from __future__ import annotations

import numpy as np
import pytest

from heldout.core.seed import Seed
from heldout.metrics.curves import curves, rank
from heldout.metrics.mistakes import mistakes
from heldout.metrics.residuals import residuals
from heldout.tasks.task import Task

TASK = Task(
    "binary", "y", "roc_auc", True, classes=("no", "yes"), positive="yes",
    cost={"miss": 5.0, "alarm": 1.0},
)  # fmt: skip


def answers(n: int = 600) -> tuple[np.ndarray, np.ndarray]:
    """Calibrated probabilities with ties, and what happened."""
    rng = Seed(0).rng()
    p = np.round(1 / (1 + np.exp(-rng.normal(size=n) * 1.5 + 1)), 2)
    y = (rng.uniform(size=n) < p).astype(float)
    return y, np.stack([1 - p, p], axis=1)


@pytest.mark.requirement("EVAL-18")
def test_curves_are_those_of_scikit_learn() -> None:
    """Every point of ROC and precision-recall; the shipped threshold stands on each curve."""
    from sklearn.metrics import precision_recall_curve, roc_curve

    y, p = answers()
    ranked = rank(y == 1, p[:, 1])
    fpr, tpr, at = roc_curve(y, p[:, 1], drop_intermediate=False)
    assert ranked.threshold == pytest.approx(at[1:])
    assert ranked.right / ranked.positives == pytest.approx(tpr[1:])
    assert (ranked.flagged - ranked.right) / (600 - ranked.positives) == pytest.approx(fpr[1:])
    precision, _, _ = precision_recall_curve(y, p[:, 1])
    assert (ranked.right / ranked.flagged)[::-1] == pytest.approx(precision[:-1])
    made = curves(TASK, y, p, 0.305)
    assert made is not None
    flagged = p[:, 1] >= 0.305
    recall = float((flagged & (y == 1)).sum() / y.sum())
    assert made["roc"]["at"][1] == pytest.approx(recall)
    assert made["pr"]["at"] == pytest.approx([recall, y[flagged].mean()])
    assert made["gain"]["at"] == pytest.approx([flagged.mean(), recall])
    assert made["lift"]["at"][1] == pytest.approx(y[flagged].mean() / y.mean())
    assert made["roc"]["points"][0][:2] == [0.0, 0.0]
    assert made["roc"]["points"][-1][:2] == [1.0, 1.0]
    assert max(len(made[c]["points"]) for c in ("roc", "pr", "gain", "lift")) <= 100


@pytest.mark.requirement("EVAL-18")
def test_money_is_the_sum_of_the_errors() -> None:
    """At each threshold misses and false alarms, priced; the cheapest is near 1 / 6."""
    y, p = answers(4_000)
    made = curves(TASK, y, p, 0.5)
    assert made is not None
    money = made["money"]
    flagged = p[:, 1] >= 0.5
    spent = (5 * ((y == 1) & ~flagged).sum() + ((y == 0) & flagged).sum()) / 4
    assert money["at"][1] == pytest.approx(float(spent))
    assert money["none"] == pytest.approx(5_000 * y.mean())
    assert money["all"] == pytest.approx(1_000 * (1 - y.mean()))
    assert abs(money["best"][0] - 1 / 6) < 0.1
    assert money["best"][1] <= min(point[1] for point in money["points"])
    assert next(c["why"] for c in made["choices"]) == "5 % flagged"
    nine = next(c for c in made["choices"] if c["why"] == "90 % found")
    assert nine["recall"] >= 0.9


def test_one_class_has_no_curves() -> None:
    """Nothing to rank."""
    assert curves(TASK, np.zeros(30), np.full((30, 2), 0.5), 0.5) is None


def test_residuals_by_the_size_of_the_answer() -> None:
    """Counts add up; a spread that grows with the answer shows in the bins."""
    rng = Seed(1).rng()
    p = rng.uniform(1, 10, 2_000)
    y = p + rng.normal(size=2_000) * p / 10
    made = residuals(y, p)
    assert made is not None
    assert made["mean"] == pytest.approx((y - p).mean())
    assert sum(made["histogram"]["counts"]) == 2_000
    widths = [b["q90"] - b["q10"] for b in made["bins"]]
    assert widths[-1] > 3 * widths[0]
    assert residuals(y[:10], p[:10]) is None


def test_mistakes_are_told_by_class() -> None:
    """Recall, precision, and the commonest mistake first; a class never answered has no precision."""
    y = np.array([0, 0, 0, 1, 1, 2], dtype=float)
    told = mistakes(y, np.array([0, 1, 1, 1, 0, 1]), ["a", "b", "c"])
    assert told["counts"] == [[1, 2, 0], [1, 1, 0], [0, 1, 0]]
    assert told["decided"][0]["recall"]["value"] == pytest.approx(1 / 3)
    assert told["decided"][2]["precision"]["value"] is None
    assert (told["mistakes"][0]["truth"], told["mistakes"][0]["rows"]) == ("a", 2)
    assert len(told["mistakes"]) == 3
