"""Differences between groups: planted ones are certain, chance is not called one."""

from __future__ import annotations

import numpy as np

from heldout.core.seed import Seed
from heldout.metrics.fairness import by_group
from heldout.tasks.task import Task

TASK = Task("binary", "y", "roc_auc", True, classes=("no", "yes"), positive="yes")


def made(n: int, seed: int, shift: float) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Two groups of calibrated probabilities; the second is shifted by ``shift`` logits."""
    rng = Seed(seed).rng()
    second = rng.uniform(size=n) < 0.3
    p = 1 / (1 + np.exp(-rng.normal(size=n) - shift * second))
    y = (rng.uniform(size=n) < p).astype(float)
    return y, np.stack([1 - p, p], axis=1), np.where(second, "b", "a").tolist()


def test_a_planted_difference_is_certain_and_said() -> None:
    """Rates are those of counting; calibrated in both groups, and still unequal."""
    y, p, labels = made(4_000, 0, -1.5)
    found = by_group(TASK, y, p, labels, metric="roc_auc", threshold=0.5)
    a, b = found["groups"]
    assert (a["group"], b["group"]) == ("a", "b")
    here = np.array(labels) == "b"
    flagged = p[:, 1] >= 0.5
    assert b["flagged"]["value"] == flagged[here].mean()
    assert b["recall"]["value"] == flagged[here & (y == 1)].mean()
    assert b["precision"]["value"] == y[here & flagged].mean()
    assert b["slope"]["low"] < 1 < b["slope"]["high"]
    gaps = {g["measure"]: g for g in found["gaps"]}
    assert gaps["recall"]["certain"]
    assert gaps["recall"]["low_group"] == "b"
    assert any(w.startswith("Flagged: ") for w in found["words"])


def test_groups_that_are_alike_are_left_in_peace() -> None:
    """At most 5 % of tables without a difference name one; here none of 40 may be twice wrong."""
    named = 0
    for seed in range(40):
        y, p, labels = made(1_500, seed, 0.0)
        named += bool(by_group(TASK, y, p, labels, metric="roc_auc", threshold=0.5)["words"])
    assert named <= 4


def test_small_groups_are_left_out_and_values_have_scores() -> None:
    """Fewer than 30 rows say nothing; a regression tells its error by group."""
    rng = Seed(1).rng()
    p = rng.normal(size=(300, 1))
    y = p[:, 0] + rng.normal(size=300)
    labels = ["a"] * 150 + ["b"] * 140 + ["c"] * 10
    task = Task("regression", "y", "mae", False)
    found = by_group(task, y, p, labels, metric="mae")
    assert [g["group"] for g in found["groups"]] == ["a", "b"]
    assert found["left_out"] == 10
    assert found["groups"][0]["score"]["low"] < found["groups"][0]["score"]["value"]
