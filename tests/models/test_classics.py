"""What is said of the classical learners, checked (X-046, X-105, X-110)."""

from __future__ import annotations

import numpy as np
import pytest

from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.models.card import MODELS, FitInput
from heldout.models.learners.linear_svm import hinge
from heldout.models.logits import log_loss
from heldout.primitives.block import Block, Part
from heldout.tasks.task import Task

BINARY = Task("binary", "t", "roc_auc", True, ("no", "yes"), "yes")


def fit(name: str, x: np.ndarray, y: np.ndarray, **settings):
    given = FitInput(
        BINARY, settings, _block(x), y, None, None, None, None, Seed(0), Deadline.never()
    )
    return MODELS.get(name).fit_one(given)


def _block(x: np.ndarray) -> Block:
    names = tuple(f"x{i}" for i in range(x.shape[1]))
    return Block({"x": Part("numbers", x.astype(np.float32), names, names)}, np.arange(len(x)))


@pytest.mark.requirement("X-046", "MODEL-04")
def test_hinge_loss_of_three_margins() -> None:
    assert hinge(np.array([2.0, 0.5, -1.0])).tolist() == [0.0, 0.5, 2.0]


@pytest.mark.requirement("MODEL-04")
def test_the_machine_parts_what_a_plane_parts_and_its_probabilities_are_useful() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(800, 3))
    y = (x @ [2.0, -1.0, 0.0] + 0.5 * rng.normal(size=800) > 0).astype(float)
    p = fit("linear_svm", x, y).predict(_block(x))
    assert ((p[:, 1] > 0.5) == (y == 1)).mean() > 0.85
    assert log_loss(p, y).mean() < 0.4


@pytest.mark.requirement("X-110", "MODEL-05")
def test_naive_bayes_is_exact_where_features_are_independent_given_the_class() -> None:
    """Within a class the features are independent; over both classes they are correlated, and
    that does no harm. A feature told twice does."""
    rng = np.random.default_rng(1)
    y = np.repeat([0.0, 1.0], 20_000)
    x = rng.normal(size=(40_000, 2)) + y[:, None]
    assert np.corrcoef(x.T)[0, 1] > 0.15
    truth = 1 / (1 + np.exp(-(x.sum(axis=1) - 1)))
    p = fit("naive_bayes", x, y, smoothing=1e-9).predict(_block(x))
    assert np.max(np.abs(p[:, 1] - truth)) < 0.03
    twice = np.column_stack([x, x[:, :1], x[:, :1]])
    worse = fit("naive_bayes", twice, y, smoothing=1e-9).predict(_block(twice))
    assert log_loss(worse, y).mean() > log_loss(p, y).mean() + 0.01


@pytest.mark.requirement("MODEL-05")
def test_naive_bayes_agrees_with_scikit_learn() -> None:
    from sklearn.naive_bayes import GaussianNB

    rng = np.random.default_rng(2)
    x = rng.normal(size=(300, 4)).astype(np.float32)
    y = (x[:, 0] + rng.normal(size=300) > 0).astype(float)
    ours = fit("naive_bayes", x, y, smoothing=1e-6).predict(_block(x))
    theirs = GaussianNB(var_smoothing=1e-6).fit(x.astype(float), y).predict_proba(x.astype(float))
    assert np.allclose(ours, theirs, atol=1e-8)


@pytest.mark.requirement("X-105", "MODEL-09")
def test_neighbors_are_supervised_and_for_reference() -> None:
    card = MODELS.get("k_neighbors")
    assert card.supervision == "supervised"
    assert set(card.tasks) == {"binary", "multiclass", "regression"}
    assert not card.bundles, "its bundle would hold the rows"


@pytest.mark.requirement("MODEL-06")
def test_no_leaf_of_the_decision_tree_calls_a_class_impossible() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(400, 2))
    y = (x[:, 0] > 0).astype(float)
    p = fit("decision_tree", x, y).predict(_block(x))
    assert 0 < p.min() < 0.05 and ((p[:, 1] > 0.5) == (y == 1)).mean() > 0.99
