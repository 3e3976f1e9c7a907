"""AND is learned without a mistake, XOR never."""

from __future__ import annotations

import numpy as np
import pytest

from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.models.card import MODELS, FitInput, Fitted
from heldout.primitives.block import Block, Part
from heldout.tasks.task import Task

TASK = Task("binary", "t", "roc_auc", True, ("no", "yes"), "yes")
CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
BLOCK = Block({"x": Part("numbers", CORNERS, ("a", "b"), ("a", "b"))}, np.arange(4))


def fit(truth: list[float]) -> Fitted:
    y = np.array(truth)
    given = FitInput(
        TASK, {"epochs": 100}, BLOCK, y, None, None, None, None, Seed(0), Deadline.never()
    )
    return MODELS.get("perceptron").fit_one(given)


@pytest.mark.requirement("MODEL-10")
@pytest.mark.parametrize("truth", [[0.0, 0.0, 0.0, 1.0], [0.0, 1.0, 1.0, 1.0]])
def test_and_and_or_are_learned(truth: list[float]) -> None:
    """A plane parts them: the perceptron ends by itself."""
    made = fit(truth)
    assert made.numbers["mistakes"] == 0
    assert made.numbers["epochs"] < 100
    ranked = made.predict(BLOCK)[:, 1]
    assert ranked[np.array(truth) == 1].min() > ranked[np.array(truth) == 0].max()


@pytest.mark.requirement("MODEL-10")
def test_exclusive_or_is_not() -> None:
    """No plane parts it: it goes on to the end, and one corner in four stays wrong at least."""
    made = fit([0.0, 1.0, 1.0, 0.0])
    assert made.numbers["mistakes"] >= 1
    assert made.numbers["epochs"] == 100
