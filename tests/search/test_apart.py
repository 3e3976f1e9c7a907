"""Who cannot be told from the best: a corrected paired test that pays for the number of rivals."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from heldout.metrics.scoring import score
from heldout.search.apart import told_apart
from heldout.stats.tests import corrected_t
from heldout.tasks.task import Task

BINARY = Task("binary", "t", "accuracy", True, ("no", "yes"), "yes")


def candidates(
    seed: int, skills: list[float], n: int = 2_000, folds: int = 10
) -> tuple[Any, list[Any]]:
    """Candidates that decide rightly so often, whatever the sample."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n).astype(float)
    parts = np.array_split(np.arange(n), folds)
    made = []
    for i, skill in enumerate(skills):
        q = np.where(rng.random(n) < skill, y, 1 - y)
        p = np.stack([1 - q, q], axis=1)
        each = tuple(score("accuracy", BINARY, y[f], p[f]).value for f in parts)
        whole = score("accuracy", BINARY, y, p)
        made.append(
            SimpleNamespace(
                name=f"c{i}", prediction=p, complete=True, score=whole, fold_scores=each
            )
        )
    made_folds = [SimpleNamespace(valid=f, training=np.setdiff1d(np.arange(n), f)) for f in parts]
    plan = SimpleNamespace(folds=made_folds)
    given = SimpleNamespace(task=BINARY, y=y, plan=plan, groups=None, weights=None)
    return given, made


@pytest.mark.requirement("EVAL-15", "EVAL-24", "X-008")
def test_equals_are_seldom_told_apart_and_a_bad_one_is() -> None:
    wrong = 0
    for seed in range(60):
        given, made = candidates(seed, [0.7, 0.7, 0.7, 0.7, 0.5])
        found = told_apart(given, made, np.arange(2_000))
        assert not found["c4"]["cannot_be_told"]
        wrong += any(not found[f"c{i}"]["cannot_be_told"] for i in range(4))
    assert wrong <= 6  # the best of equals is chosen first, which Holm's steps do not know


@pytest.mark.requirement("EVAL-15")
def test_the_test_is_that_of_nadeau_and_bengio() -> None:
    given, made = candidates(0, [0.75, 0.7])
    found = told_apart(given, made, np.arange(2_000))
    best, other = sorted(made, key=lambda c: -c.score.value)
    a, b = np.array(best.fold_scores), np.array(other.fold_scores)
    assert found[other.name]["p"] == corrected_t(a, b, 0.1)[1]
    assert found[other.name]["behind"] == pytest.approx(float(np.mean(a - b)))
    assert found[best.name] | {"cannot_be_told": True} == found[best.name]


def test_one_split_is_judged_by_its_samples() -> None:
    given, made = candidates(1, [0.75, 0.6], folds=1)
    found = told_apart(given, made, np.arange(2_000))
    assert not found["c1"]["cannot_be_told"]
    assert found["c1"]["behind_low"] > 0
    given.groups = np.arange(2_000) // 500  # four groups say nothing for certain
    assert told_apart(given, made, np.arange(2_000))["c1"]["behind_low"] is None


def test_nothing_complete_nothing_told() -> None:
    given, made = candidates(2, [0.7])
    made[0].complete = False
    assert told_apart(given, made, np.arange(10)) == {}
