"""The last value of the series, for every step ahead: what a random walk cannot beat."""

from __future__ import annotations

from heldout.core.arrays import Doubles
from heldout.tasks.null import NullCard, repeat
from heldout.tasks.task import Task


def predict(task: Task, y: Doubles, n: int) -> Doubles:
    """(n, 1) values; ``y`` in order of time."""
    del task
    return repeat(y[-1:], n)


CARD = NullCard(
    name="last_value",
    title="last value",
    forms=("forecast",),
    predict=predict,
    words="always answering the last value seen",
)
