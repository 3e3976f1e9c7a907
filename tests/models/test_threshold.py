"""Where a probability becomes a decision (EVAL-18, X-012)."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from heldout.models import threshold
from heldout.tasks.task import Task

TASK = Task("binary", "t", "roc_auc", True, ("no", "yes"), "yes")


def scored(n: int = 500, seed: int = 0):
    rng = np.random.default_rng(seed)
    s = rng.random(n)
    y = (rng.random(n) < s).astype(float)
    return y, np.stack([1 - s, s], axis=1)


@pytest.mark.requirement("X-012")
def test_costs_of_one_and_nine_give_a_tenth() -> None:
    assert threshold.by_cost(miss=9, alarm=1) == pytest.approx(0.1)
    y, p = scored()
    task = dataclasses.replace(TASK, cost={"miss": 9.0, "alarm": 1.0})
    found = threshold.choose(task, y, p)
    assert found is not None and found.rule == "cost"
    assert found.value == pytest.approx(0.1, abs=0.005)
    assert np.array_equal(p[:, 1] >= found.value, p[:, 1] >= 0.1), "the gap moves no row"


def test_the_default_is_a_half_in_the_middle_of_a_gap() -> None:
    y, p = scored()
    found = threshold.choose(TASK, y, p)
    assert found is not None and found.rule == "default"
    assert np.min(np.abs(p[:, 1] - found.value)) > 1e-6
    assert np.array_equal(p[:, 1] >= found.value, p[:, 1] >= 0.5)
    at = np.array([0.5, 0.5, 0.5])
    assert threshold.in_gap(0.5, at) < 0.5


def test_a_positive_class_of_code_0_is_meant() -> None:
    y, p = scored()
    task = dataclasses.replace(TASK, positive="no", cost={"miss": 9.0, "alarm": 1.0})
    found = threshold.choose(task, y, p)
    assert found is not None
    assert np.array_equal(p[:, 0] >= found.value, p[:, 0] >= 0.1)


@pytest.mark.parametrize("capacity", [0.05, 25.0])
def test_capacity_takes_the_highest(capacity: float) -> None:
    y, p = scored()
    found = threshold.choose(dataclasses.replace(TASK, capacity=capacity), y, p)
    assert found is not None and found.rule == "capacity"
    assert (p[:, 1] >= found.value).sum() == 25


@pytest.mark.requirement("EVAL-18")
@pytest.mark.parametrize("metric", threshold.BY_METRIC)
def test_the_best_of_all_thresholds_is_found(metric: str) -> None:
    from sklearn import metrics

    functions = {
        "f1": lambda y, d: metrics.f1_score(y, d, zero_division=0),
        "balanced_accuracy": metrics.balanced_accuracy_score,
        "accuracy": metrics.accuracy_score,
        "mcc": metrics.matthews_corrcoef,
    }
    y, p = scored(200, 3)
    s = np.round(p[:, 1], 2)  # ties
    found = threshold.by_metric(y == 1, s, metric)
    value = functions[metric](y, s >= found)
    assert value == pytest.approx(max(functions[metric](y, s >= t) for t in np.unique(s)))


def test_given_wins_and_others_have_none() -> None:
    y, p = scored()
    given = threshold.choose(dataclasses.replace(TASK, threshold=0.3, metric="f1"), y, p)
    assert given is not None and given.rule == "given"
    assert given.value == pytest.approx(0.3, abs=0.005)
    assert threshold.choose(Task("regression", "t", "mae", False), y, p) is None
    three = Task("multiclass", "t", "log_loss", False, ("a", "b", "c"))
    assert threshold.choose(three, y, np.ones((500, 3)) / 3) is None
