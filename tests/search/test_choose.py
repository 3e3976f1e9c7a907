"""The ensemble: weights from out-of-fold predictions, kept only where it is worth it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heldout.metrics.score import METRICS
from heldout.metrics.scoring import decide, make_truth
from heldout.models.link import sigmoid
from heldout.search.choose import cap, choose, correlation, greedy
from heldout.search.values import Judge
from heldout.tasks.task import Task

BINARY = Task("binary", "t", "roc_auc", True, ("no", "yes"), "yes")
THREE = Task("multiclass", "t", "log_loss", False, ("a", "b", "c"))
VALUE = Task("regression", "t", "mae", False)


def two(p: np.ndarray) -> np.ndarray:
    return np.stack([1 - p, p], axis=1)


def noisy(n: int, seed: int, errors: tuple[float, ...], common: float = 0.0):
    """A number and predictions of it with independent errors and one error in common."""
    rng = np.random.default_rng(seed)
    y = rng.normal(0, 2, n)
    shared = rng.normal(0, common, n) if common else 0.0
    return y, [(y + shared + rng.normal(0, e, n))[:, None] for e in errors]


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(METRICS.names()), st.integers(0, 10_000), st.booleans(), st.booleans())
def test_values_are_those_of_the_shelf(name: str, seed: int, ties: bool, weighted: bool) -> None:
    card = METRICS.get(name)
    rng = np.random.default_rng(seed)
    n = 60
    for task in (BINARY, THREE, VALUE):
        if task.kind not in card.forms:
            continue
        if task.is_classification:
            y = rng.integers(0, task.outputs, n).astype(float)
            raw = (
                rng.integers(1, 4, (3, n, task.outputs))
                if ties
                else rng.random((3, n, task.outputs))
            )
            predictions = raw / raw.sum(axis=2, keepdims=True)
        else:
            y, predictions = rng.normal(size=n), rng.normal(size=(3, n, 1))
        weights = rng.random(n) + 0.5 if weighted else None
        found = Judge(task, name, y, weights).values(predictions)
        sign = 1 if card.greater_is_better else -1
        for value, p in zip(found, predictions, strict=True):
            expected = card.estimate(make_truth(task, y, p, None, weights)).value
            assert value == pytest.approx(-math.inf if math.isnan(expected) else sign * expected)


@pytest.mark.requirement("ENSEMBLE-01")
def test_weights_follow_the_precision_of_independent_members() -> None:
    """Means of independent errors are best weighted by 1 / variance: 4 : 1 here."""
    y, predictions = noisy(5_000, 0, (1.0, 2.0))
    found = choose(predictions, y, np.ones(5_000, bool), VALUE)
    weights = dict(found.members)
    assert found.is_ensemble
    assert sum(weights.values()) == pytest.approx(1.0)
    assert weights[0] == pytest.approx(0.8, abs=0.06)
    assert found.gain is not None
    assert found.gain.value > 0
    blended = found.blend(predictions)
    assert np.abs(blended[:, 0] - y).mean() < np.abs(predictions[0][:, 0] - y).mean()


@pytest.mark.requirement("ENSEMBLE-02")
def test_members_are_good_yet_different_and_their_correlation_is_shown() -> None:
    y, good = noisy(4_000, 1, (1.0, 1.0))
    twin = good[0] + np.random.default_rng(5).normal(0, 0.02, (4_000, 1))
    found = choose([good[0], twin, good[1]], y, np.arange(4_000), VALUE)
    weights = dict(found.members)
    assert weights[2] == pytest.approx(0.5, abs=0.06)
    assert found.correlation is not None
    assert found.correlation.shape == (len(found.members),) * 2
    order = [i for i, _ in found.members]
    assert abs(found.correlation[order.index(2), 1 - order.index(2)]) < 0.1


@pytest.mark.requirement("ENSEMBLE-02", "REG-12")
def test_an_ensemble_within_noise_of_its_best_member_is_not_kept() -> None:
    y, predictions = noisy(400, 2, (0.001, 0.001, 0.001), common=1.0)
    found = choose(predictions, y, np.ones(400, bool), VALUE, simplicity=[2, 0, 1])
    assert found.members == ((1, 1.0),)
    assert "simplest" in found.reason or found.best == 1
    worse = predictions[1] + np.random.default_rng(0).normal(0, 3, (400, 1))
    kept = choose([predictions[0], worse], y, np.ones(400, bool), VALUE, simplicity=[9, 0])
    assert kept.members[0][0] == 0  # simpler, but worse beyond noise


@pytest.mark.requirement("X-112")
def test_three_independent_voters_of_70_percent_are_right_in_78_percent() -> None:
    assert pytest.approx(0.784) == 0.7**3 + 3 * 0.7**2 * 0.3
    rng = np.random.default_rng(0)
    n = 100_000
    y = rng.integers(0, 2, n).astype(float)
    votes = [two(np.where(rng.random(n) < 0.7, y, 1 - y)) for _ in range(3)]
    majority = np.mean(votes, axis=0)
    right = decide(majority, BINARY) == y
    assert right.mean() == pytest.approx(0.784, abs=0.004)
    again = two(np.where(rng.random(n) < 0.02, 1 - votes[0][:, 1], votes[0][:, 1]))
    copies = np.mean([votes[0], again, again], axis=0)
    assert (decide(copies, BINARY) == y).mean() < 0.71  # the same voter thrice adds nothing


def test_the_best_prefix_is_kept_and_ties_go_to_members_then_to_the_first() -> None:
    y = np.array([0.0, 1.0, 2.0, 3.0])
    exact = y[:, None]
    judge = Judge(VALUE, "mae", y)
    counts, length = greedy(np.stack([exact + 1, exact, exact]), judge)
    assert counts.tolist() == [0.0, 1.0, 0.0]
    assert length == 1


def test_bootstrap_repeats_and_masks_are_samples_too() -> None:
    y, predictions = noisy(300, 3, (1.0, 0.2))
    mask = np.arange(300) < 100
    one = choose(predictions, y, mask, VALUE)
    assert one.members == choose(predictions, y, np.arange(100), VALUE).members
    assert choose(predictions, y, np.repeat(np.arange(50), 2), VALUE, light=True).best == 1


def test_few_rows_bear_few_candidates() -> None:
    assert [cap(n) for n in (99, 100, 101, 500, 2_500, 10_000)] == [4, 4, 8, 8, 15, 40]


def test_an_undefined_metric_chooses_the_first() -> None:
    p = sigmoid(np.random.default_rng(0).normal(size=20))
    found = choose([two(p), two(p[::-1])], np.ones(20), np.ones(20, bool), BINARY)
    assert found.members == ((0, 1.0),)


@given(st.integers(0, 1_000))
@settings(max_examples=20, deadline=None)
def test_correlation_is_that_of_numpy(seed: int) -> None:
    rows = np.random.default_rng(seed).normal(size=(4, 30))
    assert np.allclose(correlation(rows), np.corrcoef(rows))
