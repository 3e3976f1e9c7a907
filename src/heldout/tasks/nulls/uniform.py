"""Every class equally probable: a coin or a die."""

from __future__ import annotations

import numpy as np

from heldout.core.arrays import Doubles
from heldout.tasks.null import NullCard, repeat
from heldout.tasks.task import Task


def predict(task: Task, y: Doubles, n: int) -> Doubles:
    """(n, classes) probabilities of 1 / classes."""
    del y  # a die has not looked
    classes = len(task.classes)
    return repeat(np.full(classes, 1.0 / classes), n)


CARD = NullCard(
    name="uniform",
    title="random guess",
    forms=("binary", "multiclass", "multilabel"),
    predict=predict,
    words="guessing, with every class equally probable",
)
