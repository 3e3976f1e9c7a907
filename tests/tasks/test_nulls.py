"""Null models and what they score: the golden 90/10 facts and the series."""

import numpy as np
import pytest

from heldout.core.errors import HeldoutError
from heldout.metrics.scoring import score
from heldout.tasks import nulls
from heldout.tasks.null import NULLS, predict
from heldout.tasks.nulls.seasonal import season
from metrics.cases import task_of

Y = np.repeat([0.0, 1.0], [90, 10])


@pytest.mark.requirement("EVAL-01", "X-001")
def test_the_facts_of_a_90_10_table():
    task = task_of("binary")
    always = predict("most_frequent", task, Y, 100)
    assert score("accuracy", task, Y, always).value == 0.9
    prior = predict("prior", task, Y, 100)
    assert prior[0].tolist() == [0.9, 0.1]
    # drawing from the prior is right with probability sum p^2, a coin with one half
    assert float(np.mean(prior[np.arange(100), Y.astype(int)])) == pytest.approx(0.82)
    coin = predict("uniform", task, Y, 100)
    assert float(np.mean(coin[np.arange(100), Y.astype(int)])) == 0.5
    assert score("log_loss", task, Y, prior).value == pytest.approx(0.325083, abs=5e-7)
    assert score("brier", task, Y, prior).value == pytest.approx(0.09)
    assert score("roc_auc", task, Y, prior).value == 0.5
    assert score("average_precision", task, Y, prior).value == pytest.approx(0.1)
    assert score("balanced_accuracy", task, Y, prior).value == 0.5


@pytest.mark.requirement("EVAL-01", "X-002")
def test_ten_digits_are_not_equally_frequent():
    """10 % is right for ten equal classes only: MNIST's commonest is 6,742 of 60,000."""
    task = task_of("multiclass", 3)
    y = np.repeat([0.0, 1.0, 2.0], [6742, 30000, 23258])
    assert predict("uniform", task, y, 1)[0] == pytest.approx([1 / 3] * 3)
    assert predict("prior", task, y, 1)[0, 0] == pytest.approx(0.1124, abs=5e-5)


@pytest.mark.requirement("EVAL-01")
def test_numbers_and_missing_targets():
    task = task_of("regression")
    y = np.array([1.0, np.nan, 3.0, 100.0])
    assert predict("median", task, y, 2).tolist() == [[3.0], [3.0]]
    assert predict("mean", task, y, 1)[0, 0] == pytest.approx(34.666667, abs=5e-7)
    with pytest.raises(ValueError, match="known target"):
        predict("mean", task, np.array([np.nan]), 1)
    with pytest.raises(HeldoutError) as caught:
        predict("medain", task, y, 1)
    assert caught.value.code == "H103"


@pytest.mark.requirement("EVAL-01", "EVAL-22")
def test_series_repeat_the_last_value_or_the_last_season():
    task = task_of("forecast")
    t = np.arange(96)
    y = t + 20 * np.sin(2 * np.pi * t / 12)
    assert season(y) == 12
    assert predict("last_value", task, y, 3).tolist() == [[y[-1]]] * 3
    assert predict("seasonal", task, y, 14)[:, 0].tolist() == [*y[-12:], *y[-12:-10]]
    walk = np.cumsum(np.random.default_rng(0).normal(0, 1, 400))
    assert season(walk) == 1
    assert predict("seasonal", task, walk, 2)[:, 0].tolist() == [walk[-1], walk[-1]]
    assert season(np.array([1.0, 2.0])) == 1


def test_the_shelf():
    assert set(NULLS.names()) == {
        *("prior", "most_frequent", "uniform", "mean", "median", "last_value", "seasonal")
    }
    for card in NULLS.all():
        assert card.words and card.forms
    assert nulls.predict is predict
