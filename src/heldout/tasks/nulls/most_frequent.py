"""The commonest class, with certainty (ties to the lowest code)."""

from __future__ import annotations

import numpy as np

from heldout.core.arrays import Doubles
from heldout.tasks.null import NullCard, class_shares, repeat
from heldout.tasks.task import Task


def predict(task: Task, y: Doubles, n: int) -> Doubles:
    """(n, classes) with a single 1 a row."""
    shares = class_shares(task, y)
    row = np.zeros(len(shares))
    row[int(np.argmax(shares))] = 1.0
    return repeat(row, n)


CARD = NullCard(
    name="most_frequent",
    title="commonest class",
    forms=("binary", "multiclass", "multilabel"),
    predict=predict,
    words="always answering the commonest class",
)
