"""NullCard: a prediction that looks at no input; the score that a model must beat (EVAL-01)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from heldout.core.arrays import Doubles
from heldout.core.shelf import Shelf
from heldout.tasks.task import Task

NullPrediction = Callable[[Task, Doubles, int], Doubles]
"""(task, y of the training part without NaN, n) to (n, outputs) float64."""


@dataclass(frozen=True)
class NullCard:
    """``words`` complete "Always answering ..." or stand alone; ``forms`` are task kinds."""

    name: str
    title: str
    forms: tuple[str, ...]
    predict: NullPrediction
    words: str
    source: str = ""


NULLS: Shelf[NullCard] = Shelf("heldout.tasks.nulls", NullCard, "null model")


def predict(name: str, task: Task, y_train: Doubles, n: int) -> Doubles:
    """What a null model, fitted on ``y_train``, answers for ``n`` samples: (n, outputs).

    Several targets: what it answers for each, (n, targets). Training samples without a target (NaN) are left out. Raises H103 where there is no such
    null model, ValueError where no target is known.
    """
    y = np.asarray(y_train, dtype=np.float64)
    if task.parts:
        each = [predict(name, part, y[:, j], n) for j, part in enumerate(task.parts)]
        return np.stack([p[:, -1] for p in each], axis=1)
    y = y[~np.isnan(y)]
    if len(y) == 0:
        raise ValueError("a null model needs one known target at least")
    return NULLS.get(name).predict(task, y, n)


def class_shares(task: Task, y: Doubles) -> Doubles:
    """Share of each class among ``y``, (classes,)."""
    counts = np.bincount(y.astype(np.int64), minlength=len(task.classes))
    return np.asarray(counts / counts.sum(), dtype=np.float64)


def repeat(row: Doubles, n: int) -> Doubles:
    """The same row for every sample, (n, outputs)."""
    return np.tile(np.asarray(row, dtype=np.float64).reshape(1, -1), (n, 1))
