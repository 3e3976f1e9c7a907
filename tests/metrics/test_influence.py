"""Influence values: mean 0, the derivative in the weights, and close to the jackknife."""

import numpy as np
import pytest

from heldout.metrics.score import METRICS
from heldout.metrics.scoring import make_truth, score
from heldout.stats.intervals import row_error
from metrics.cases import MAKERS

CASES = [(c.name, form) for c in METRICS.all() for form in c.forms if form in MAKERS]


@pytest.mark.parametrize(("name", "form"), CASES)
@pytest.mark.parametrize("weighted", [False, True])
def test_influence_is_the_derivative_in_the_weights(name, form, weighted):
    """psi_i = n d theta / d share_i, by central differences: holds for any weights."""
    task, y, p = MAKERS[form](n=40, seed=3)
    w = np.random.default_rng(3).uniform(0.5, 2, 40) if weighted else np.ones(40)
    w /= w.mean()
    card = METRICS.get(name)
    estimate = card.estimate(make_truth(task, y, p, weights=w))
    assert abs(estimate.psi.mean()) < 1e-12
    step = 1e-5
    for i in range(0, 40, 3):
        values = []
        for sign in (1, -1):
            moved = w.copy()
            moved[i] += sign * step
            values.append(card.estimate(make_truth(task, y, p, weights=moved)).value)
        slope = (values[0] - values[1]) / (2 * step)
        # psi_i carries the weight; the derivative is of one more unit of weight
        assert 40 * slope * w[i] == pytest.approx(estimate.psi[i], abs=2e-5)


@pytest.mark.parametrize(("name", "form"), CASES)
def test_the_standard_error_is_near_the_jackknifes(name, form):
    task, y, p = MAKERS[form](n=150, seed=4)
    card = METRICS.get(name)
    keep = ~np.eye(150, dtype=bool)
    left_out = np.array([card.estimate(make_truth(task, y[k], p[k])).value for k in keep])
    jackknife = np.sqrt(149 / 150 * np.sum((left_out - left_out.mean()) ** 2))
    assert row_error(card.estimate(make_truth(task, y, p)).psi) == pytest.approx(jackknife, rel=0.1)


@pytest.mark.parametrize(("name", "form"), CASES)
def test_perfect_is_best_and_the_order_of_rows_is_free(name, form):
    task, y, p = MAKERS[form](seed=5)
    card = METRICS.get(name)
    perfect = y[:, None] if card.needs == "value" else np.eye(len(task.classes))[y.astype(int)]
    best = score(name, task, y, perfect).value
    assert best == pytest.approx(card.perfect, abs=1e-12)
    value = score(name, task, y, p).value
    assert (best > value) == card.greater_is_better
    order = np.random.default_rng(0).permutation(len(y))
    assert score(name, task, y[order], p[order]).value == pytest.approx(value, abs=1e-12)


def test_delongs_variance():
    """The standard error of the AUC is DeLong's, written out in the slow way."""
    task, y, p = MAKERS["binary"](n=90, seed=6)
    a, b = p[y == 1, 1], p[y == 0, 1]
    wins = (a[:, None] > b) + 0.5 * (a[:, None] == b)
    v10, v01 = wins.mean(axis=1), wins.mean(axis=0)
    variance = v10.var(ddof=1) / len(a) + v01.var(ddof=1) / len(b)
    found = score("roc_auc", task, y, p)
    assert found.value == pytest.approx(wins.mean())
    assert found.standard_error == pytest.approx(np.sqrt(variance), rel=0.02)


def test_every_card_speaks():
    for card in METRICS.all():
        assert card.words.format(value="0.5") != card.words
        assert card.title and card.source
        assert card.needs in ("probability", "decision", "value")
        card.told.format(positive="Yes", negative="No")
