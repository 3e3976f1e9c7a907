"""Are errors so heavy-tailed that no interval of their mean square can be trusted?

Measured: with Student's t on 3 degrees or lognormal errors a nominal 95 % interval of RMSE or R2
covers 68 to 88 %, whatever the method (influence, percentile and BCa bootstrap): the error that
would have made the mean right is the one that was not drawn. A gate cannot help, since the
samples without a large error look harmless. So the bad end of the interval is laid around the
score with one error more than was seen (``unseen``).
"""

from __future__ import annotations

import math

import numpy as np

from heldout.core.arrays import Doubles


def hill(values: Doubles, share: float = 0.05) -> float:
    """Hill's estimate of the tail index of ``|values|`` from the largest ``share``.

    Moments of order above the index do not exist; infinite where the tail is flat or
    there are fewer than 10 values in it. Source: Hill 1975.
    """
    size = np.sort(np.abs(values))
    k = int(len(size) * share)
    if k < 10 or size[-k - 1] <= 0:
        return math.inf
    mean = float(np.mean(np.log(size[-k:] / size[-k - 1])))
    return 1 / mean if mean > 0 else math.inf


def kurtosis(values: Doubles) -> float:
    """Fourth moment over the squared variance (3 for a normal distribution); ddof 0."""
    centered = values - values.mean()
    variance = float(np.mean(centered**2))
    return float(np.mean(centered**4)) / variance**2 if variance > 0 else 0.0


def heavy_tailed(errors: Doubles, order: float = 4.0) -> bool:
    """Whether the moment of ``order`` of the errors looks infinite.

    The interval of a mean square needs the fourth moment, that of a mean absolute error the
    second: the tail index must lie above the order (or, for squares, the kurtosis below 30).
    """
    return hill(errors) < order or (order >= 4 and kurtosis(errors) > 30)


def unseen(errors: Doubles) -> float:
    """The size of an error that was not drawn: half again as large as the largest that was.

    sqrt(2 + 100 / n) times the largest of n absolute errors. Measured for squared errors over ten
    error distributions and 100 to 3,000 samples: 0.93 to 0.98 of the intervals hold the truth
    (normal 0.97, t on 3 degrees 0.94, lognormal 0.95) where 0.75 to 0.95 did before; a mixture
    with one error in a hundred ten times as large needs 1,000 samples.

    >>> unseen(np.array([1.0, -2.0] * 25))
    4.0
    """
    return math.sqrt(2.0 + 100.0 / len(errors)) * float(np.max(np.abs(errors), initial=0.0))
