"""Linear models against scikit-learn and least squares."""

from __future__ import annotations

import numpy as np
import pytest

from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.models.card import MODELS, FitInput
from heldout.models.descent import Problem, minimize
from heldout.models.gram import gather
from heldout.models.rows import Rows
from heldout.primitives.block import Block, Part
from heldout.tasks.task import Task

NEVER = Deadline.never()


def data(n: int = 400, d: int = 6, seed: int = 0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, d))
    x[:, 5] = 0.7 * x[:, 0] + 0.3 * x[:, 5]
    z = x @ np.array([1.0, -2.0, 0.0, 0.0, 0.5, 0.0]) + rng.normal(size=n)
    return x, z


@pytest.mark.requirement("MODEL-03")
@pytest.mark.parametrize("classes", [2, 4])
def test_l2_is_the_minimum_that_scikit_learn_finds(classes: int) -> None:
    from sklearn.linear_model import LogisticRegression

    x, z = data()
    y = np.digitize(z, np.linspace(-1, 1, classes - 1)).astype(float)
    strength = 0.01
    found = minimize(Problem(x, y, None, classes), strength, 0.0, NEVER)
    reference = LogisticRegression(C=1 / (strength * len(y)), tol=1e-10, max_iter=5_000).fit(x, y)
    assert np.allclose(found.coef, reference.coef_.T, atol=1e-4)
    if classes == 2:
        assert np.allclose(found.intercept, reference.intercept_, atol=1e-4)


@pytest.mark.requirement("MODEL-03")
def test_l1_has_exact_zeros_where_scikit_learn_has_them() -> None:
    from sklearn.linear_model import LogisticRegression

    x, z = data()
    y = (z > 0).astype(float)
    strength = 0.05
    found = minimize(Problem(x, y, None, 2), 0.0, strength, NEVER)
    reference = LogisticRegression(
        l1_ratio=1.0, C=1 / (strength * len(y)), solver="saga", tol=1e-8, max_iter=20_000
    ).fit(x, y)
    assert np.allclose(found.coef, reference.coef_.T, atol=1e-3)
    assert ((found.coef == 0) == (reference.coef_.T == 0)).all()
    assert (found.coef == 0).sum() >= 2


def test_elastic_net_of_values_agrees_with_scikit_learn() -> None:
    from sklearn.linear_model import ElasticNet

    x, z = data()
    found = minimize(Problem(x, z, None, 0), 0.05, 0.05, NEVER)
    reference = ElasticNet(alpha=0.1, l1_ratio=0.5, tol=1e-10).fit(x, z)
    assert np.allclose(found.coef[:, 0], reference.coef_, atol=1e-4)
    assert found.intercept[0] == pytest.approx(reference.intercept_, abs=1e-4)


def test_weights_count_like_rows() -> None:
    x, z = data(60)
    y = (z > 0).astype(float)
    weights = np.random.default_rng(1).integers(1, 4, 60)
    again = np.repeat(np.arange(60), weights)
    a = minimize(Problem(x, y, weights.astype(float), 2), 0.01, 0.0, NEVER)
    b = minimize(Problem(x[again], y[again], None, 2), 0.01, 0.0, NEVER)
    assert np.allclose(a.coef, b.coef, atol=1e-4)
    one = gather(Rows(x.astype(np.float32), z, weights.astype(float)), NEVER).solve(0.1)
    two = gather(Rows(x[again].astype(np.float32), z[again], None), NEVER).solve(0.1)
    assert np.allclose(one.coef, two.coef)


def test_a_deadline_ends_the_descent() -> None:
    x, z = data()
    found = minimize(Problem(x, (z > 0).astype(float), None, 2), 1e-9, 0.0, Deadline.after(-1))
    assert found.stopped and np.isfinite(found.coef).all()


def test_ridge_is_the_closed_form_far_from_zero() -> None:
    x, z = data()
    x = (1000 + x).astype(np.float32)
    found = gather(Rows(x, 1e6 + z, None), NEVER).solve(0.5)
    centered = x.astype(float) - x.astype(float).mean(axis=0)
    g = centered.T @ centered / len(x)
    expected = np.linalg.solve(g + 0.5 * np.eye(6), centered.T @ (z - z.mean()) / len(x))
    assert np.allclose(found.coef[:, 0], expected, rtol=1e-6, atol=1e-8)
    assert np.allclose(found.raw(x).mean(), 1e6 + z.mean())


def fit_linear(x, y):
    names = tuple("abcdef")[: x.shape[1]]
    block = Block({"x": Part("numbers", x.astype(np.float32), names, names)}, np.arange(len(x)))
    task = Task("regression", "t", "mae", False)
    return MODELS.get("linear").fit_one(
        FitInput(task, {}, block, y, None, None, None, None, Seed(0), NEVER)
    )


@pytest.mark.requirement("MODEL-01")
def test_least_squares_with_intervals_of_the_stated_coverage() -> None:
    truth, hits = np.array([1.0, -2.0, 0.0]), 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(80, 3)).astype(np.float32)
        y = 3 + x @ truth + rng.normal(size=80)
        table = fit_linear(x, y).numbers["coefficients"]
        hits += sum(
            low <= t <= high for t, (_, low, high) in zip(truth, table.values(), strict=True)
        )
    assert 0.92 <= hits / 600 <= 0.97
    design = np.column_stack([np.ones(80), x.astype(float)])
    expected = np.linalg.lstsq(design, y, rcond=None)[0]
    assert np.allclose([c for c, _, _ in table.values()], expected[1:], atol=1e-8)


def test_features_that_say_the_same_share_the_weight() -> None:
    x, z = data()
    twice = np.column_stack([x[:, 0], x[:, 0], x[:, 1]])
    fitted = fit_linear(twice, z)
    a, b, _ = fitted.state["coef"][:, 0]
    assert a == pytest.approx(b, abs=1e-6)
    assert np.isfinite(fitted.state["coef"]).all()
