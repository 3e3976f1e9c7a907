"""The mean of the training part."""

from __future__ import annotations

import numpy as np

from heldout.core.arrays import Doubles
from heldout.tasks.null import NullCard, repeat
from heldout.tasks.task import Task


def predict(task: Task, y: Doubles, n: int) -> Doubles:
    """(n, 1) values."""
    del task
    return repeat(np.array([np.mean(y)]), n)


CARD = NullCard(
    name="mean",
    title="mean",
    forms=("regression", "forecast", "vector_regression"),
    predict=predict,
    words="always answering the mean",
)
