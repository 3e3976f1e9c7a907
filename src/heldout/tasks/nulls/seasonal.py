"""The value one season before (seasonal naive); the last value where no season is found.

The season is the lag at which the differences of the series repeat best.
"""

from __future__ import annotations

import numpy as np

from heldout.core.arrays import Doubles
from heldout.stats.standard import autocorrelation
from heldout.tasks.null import NullCard
from heldout.tasks.task import Task

LONGEST = 400
WEAKEST = 0.3


def season(y: Doubles) -> int:
    """Steps of a season, at least 2; 1 where none is found. ``y`` in order of time.

    The highest peak of the autocorrelation of the differences, if it lies above 0.3 and at least
    two seasons were seen.
    """
    longest = min(len(y) // 2, LONGEST)
    if longest < 3:
        return 1
    r = autocorrelation(np.diff(y), longest)
    peaks = [k for k in range(2, longest) if r[k] >= r[k - 1] and r[k] >= r[k + 1]]
    best = max(peaks, key=lambda k: (r[k], -k), default=1)
    return best if r[best] > WEAKEST and best > 1 else 1


def predict(task: Task, y: Doubles, n: int) -> Doubles:
    """(n, 1) values: the last season again and again."""
    del task
    length = season(y)
    last = y[-length:]
    return np.resize(last, n).reshape(n, 1)


CARD = NullCard(
    name="seasonal",
    title="same time last season",
    forms=("forecast",),
    predict=predict,
    words="always answering the value of one season before",
    source="Hyndman and Athanasopoulos, Forecasting: Principles and Practice",
)
