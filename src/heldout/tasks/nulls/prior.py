"""The class rates of the training part, for every sample alike."""

from __future__ import annotations

from heldout.core.arrays import Doubles
from heldout.tasks.null import NullCard, class_shares, repeat
from heldout.tasks.task import Task


def predict(task: Task, y: Doubles, n: int) -> Doubles:
    """(n, classes) probabilities."""
    return repeat(class_shares(task, y), n)


CARD = NullCard(
    name="prior",
    title="class rates",
    forms=("binary", "multiclass", "multilabel"),
    predict=predict,
    words="always answering with the rates of the classes",
)
