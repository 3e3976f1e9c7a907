"""Calibrators, their choice, and out-of-fold calibration (EVAL-21, X-047)."""

from __future__ import annotations

import json

import numpy as np
import onnxruntime
import pytest

from heldout.graph.tape import Tape
from heldout.models import calibrate
from heldout.models.calibrators.isotonic import pool
from heldout.models.card import CALIBRATORS
from heldout.models.link import sigmoid, softmax
from heldout.models.logits import log_loss
from heldout.tasks.task import Task

BINARY = Task("binary", "t", "roc_auc", True, ("no", "yes"), "yes")
THREE = Task("multiclass", "t", "log_loss", False, ("a", "b", "c"))
EDGES = np.array([0.0, 1e-300, 1e-12, 1e-6, 0.5, 1 - 1e-6, 1 - 1e-12, 1.0])


def drawn(n: int, seed: int, slope: float = 1.0, shift: float = 0.0):
    """Scores whose true log-odds are slope * logit(p) + shift, and outcomes."""
    rng = np.random.default_rng(seed)
    z = rng.normal(0, 1.5, n)
    y = (rng.random(n) < sigmoid(slope * z + shift)).astype(float)
    return np.stack([sigmoid(-z), sigmoid(z)], axis=1), y


def in_graph(name: str, state, p):
    tape = Tape()
    out = CALIBRATORS.get(name).to_onnx(state, tape, tape.input("p", "double", (None, p.shape[1])))
    tape.output("q", out, "double", (None, p.shape[1]))
    session = onnxruntime.InferenceSession(tape.build(), providers=["CPUExecutionProvider"])
    return session.run(None, {"p": p})[0]


@pytest.mark.requirement("EVAL-21")
@pytest.mark.parametrize("name", CALIBRATORS.names())
@pytest.mark.parametrize("n", [3, 60, 20_000])
def test_the_graph_says_what_numpy_says(name: str, n: int) -> None:
    card = CALIBRATORS.get(name)
    p, y = drawn(n, 0, 0.5, 0.3)
    y[:2] = 0, 1
    state = card.fit(p, y, BINARY)
    assert json.loads(json.dumps(state, allow_nan=False)) == state
    q = np.concatenate([EDGES, np.random.default_rng(1).random(2_000)])
    q = np.concatenate([q, np.asarray(state.get("x", []))])  # exactly on the knots
    both = np.stack([1 - q, q], axis=1)
    made = card.apply(state, both)
    assert made.shape == both.shape and made.dtype == np.float64
    assert np.max(np.abs(in_graph(name, state, both) - made)) <= 1e-12
    assert ((made >= 0) & (made <= 1)).all() and np.allclose(made.sum(axis=1), 1)
    order = np.argsort(q)
    assert (np.diff(made[order, 1]) >= -1e-12).all(), "calibration keeps the order"
    assert 0 <= card.slope(state) < 100


def test_temperature_of_three_classes() -> None:
    rng = np.random.default_rng(0)
    z = rng.normal(size=(4_000, 3)) * 2
    y = np.array([rng.choice(3, p=row) for row in softmax(z / 3)]).astype(float)
    card = CALIBRATORS.get("temperature")
    state = card.fit(softmax(z), y, THREE)
    assert state["a"] == pytest.approx(1 / 3, abs=0.03)
    p = softmax(rng.normal(size=(500, 3)) * 20)
    assert np.max(np.abs(in_graph("temperature", state, p) - card.apply(state, p))) <= 1e-12


def test_platt_finds_slope_and_shift_and_agrees_with_scikit_learn() -> None:
    from sklearn.linear_model import LogisticRegression

    p, y = drawn(5_000, 1, 0.6, -0.7)
    state = CALIBRATORS.get("platt").fit(p, y, BINARY)
    assert (state["a"], state["b"]) == pytest.approx((0.6, -0.7), abs=0.1)
    z = np.log(p[:, 1] / p[:, 0])[:, None]
    free = LogisticRegression(C=1e9, tol=1e-10).fit(z, y)
    assert state["a"] == pytest.approx(free.coef_[0, 0], abs=2e-3)
    assert state["b"] == pytest.approx(free.intercept_[0], abs=2e-3)


def test_beta_takes_slopes_that_differ_where_newton_alone_would_diverge() -> None:
    rng = np.random.default_rng(2)
    z = rng.normal(0, 3, 2_000)
    y = (rng.random(2_000) < sigmoid(np.where(z > 0, 0.3 * z, 3 * z))).astype(float)
    p = np.stack([sigmoid(-z), sigmoid(z)], axis=1)
    losses = {}
    for name in ("platt", "beta"):
        card = CALIBRATORS.get(name)
        losses[name] = log_loss(card.apply(card.fit(p, y, BINARY), p), y).mean()
    assert losses["beta"] < losses["platt"] < log_loss(p, y).mean()


def test_isotonic_pools_as_scikit_learn_does() -> None:
    from sklearn.isotonic import IsotonicRegression

    rng = np.random.default_rng(3)
    x, y = np.sort(rng.random(300)), (rng.random(300) < 0.4).astype(float)
    _, level, weight = pool(x, y, np.ones(300))
    assert np.allclose(
        np.repeat(level, weight.astype(int)), IsotonicRegression().fit_transform(x, y)
    )


def test_isotonic_is_small_gentle_and_keeps_off_the_ends() -> None:
    p, y = drawn(30_000, 4, 2.0)
    card = CALIBRATORS.get("isotonic")
    state = card.fit(p, y, BINARY)
    assert 10 < len(state["x"]) <= 64
    assert card.slope(state) <= 50
    assert min(state["y"]) >= 1 / 30_002 and max(state["y"]) <= 1 - 1 / 30_002
    q = card.apply(state, p)
    assert log_loss(q, y).mean() < log_loss(p, y).mean() - 0.005


@pytest.mark.requirement("EVAL-21")
@pytest.mark.parametrize("n", [100, 600, 3_000])
def test_nothing_is_done_to_what_is_calibrated(n: int) -> None:
    assert sum(calibrate.choose(*drawn(n, seed), BINARY) is not None for seed in range(10)) <= 1


@pytest.mark.requirement("EVAL-21")
def test_what_is_over_confident_is_mended() -> None:
    p, y = drawn(2_000, 5, 0.5)
    chosen = calibrate.decide(p, y, BINARY)
    assert chosen.calibrator is not None and chosen.low is not None and chosen.low > 0
    after = calibrate.apply(chosen.calibrator, p)
    assert log_loss(after, y).mean() < log_loss(p, y).mean()
    assert calibrate.apply(None, p) is p


def test_flexible_calibrators_need_rows_and_a_win() -> None:
    assert calibrate.tried(999, BINARY) == ["platt"]
    assert calibrate.tried(1_000, BINARY) == ["platt", "beta"]
    assert calibrate.tried(10_000, BINARY) == ["platt", "beta", "isotonic"]
    assert calibrate.tried(10_000, THREE) == ["temperature"]
    p, y = drawn(3_000, 6, 0.5, 0.5)  # Platt's own shape: beta cannot win
    assert calibrate.decide(p, y, BINARY).calibrator[0] == "platt"
    rng = np.random.default_rng(7)
    z = rng.normal(0, 2, 30_000)
    y = (rng.random(30_000) < np.where(np.abs(z) < 1, 0.5, np.where(z > 0, 0.9, 0.1))).astype(float)
    steps = np.stack([sigmoid(-z), sigmoid(z)], axis=1)
    assert calibrate.decide(steps, y, BINARY).calibrator[0] == "isotonic"


def test_too_few_of_a_class_and_values_are_left_alone() -> None:
    p, y = drawn(100, 8, 0.3)
    y[:] = 0
    y[:5] = 1
    assert "too few" in calibrate.decide(p, y, BINARY).reason
    value = Task("regression", "t", "mae", False)
    assert calibrate.choose(np.ones((9, 1)), np.ones(9), value) is None
    assert calibrate.cross_fitted(np.ones((9, 1)), np.ones(9), np.arange(9) % 3, value).sum() == 9


@pytest.mark.requirement("EVAL-21")
def test_a_fold_is_calibrated_by_the_other_folds_only() -> None:
    p, y = drawn(1_500, 9, 0.4)
    folds = np.arange(1_500) % 5
    before = calibrate.cross_fitted(p, y, folds, BINARY)
    assert log_loss(before, y).mean() < log_loss(p, y).mean()
    poisoned = y.copy()
    poisoned[folds == 2] = 1 - poisoned[folds == 2]
    after = calibrate.cross_fitted(p, poisoned, folds, BINARY)
    assert np.array_equal(before[folds == 2], after[folds == 2])
    assert not np.array_equal(before[folds == 1], after[folds == 1])


def test_groups_widen_the_doubt() -> None:
    p, y = drawn(400, 10, 0.75)
    copies = 12  # the same rows again and again: rows would be sure of it, groups are not
    many = np.repeat(p, copies, axis=0), np.repeat(y, copies)
    groups = np.repeat(np.arange(400), copies)
    alone = calibrate.decide(*many, BINARY)
    clustered = calibrate.decide(*many, BINARY, groups)
    assert alone.low is not None and clustered.low is not None
    assert clustered.low < alone.low


@pytest.mark.requirement("X-047")
def test_maximum_likelihood_with_an_intercept_keeps_the_class_rate() -> None:
    """A sigmoid is not calibrated by itself: weighting the classes moves the mean probability
    (13 of 30 are positive)."""
    from heldout.core.clock import Deadline
    from heldout.models.descent import Problem, minimize

    rng = np.random.default_rng(11)
    x = rng.normal(size=(30, 2))
    y = np.zeros(30)
    y[np.argsort(-x[:, 0] - rng.normal(size=30))[:13]] = 1
    plain = minimize(Problem(x, y, None, 2), 0.0, 0.0, Deadline.never())
    assert sigmoid(plain.raw(x)).mean() == pytest.approx(13 / 30, abs=1e-4)
    balance = np.where(y == 1, 30 / 26, 30 / 34)
    weighted = minimize(Problem(x, y, balance, 2), 0.0, 0.0, Deadline.never())
    assert sigmoid(weighted.raw(x)).mean() > 0.46
