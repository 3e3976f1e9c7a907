"""Plain descriptions: mean, deviation (ddof 0 everywhere), entropy, Gini, largest remainder."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from heldout.core.arrays import Array, Doubles


def mean_sd(values: Array) -> tuple[float, float]:
    """Mean and standard deviation (ddof 0) of the values that are not NaN, in float64.

    >>> m, s = mean_sd(np.array([1.0, 2.0, 3.0]))
    >>> m, round(s, 6)
    (2.0, 0.816497)
    """
    seen = np.asarray(values, dtype=np.float64)
    seen = seen[~np.isnan(seen)]
    return (float(seen.mean()), float(seen.std())) if len(seen) else (math.nan, math.nan)


def standard_error(values: Array) -> float:
    """Standard error of the mean, sd / sqrt(n) with the unbiased variance (ddof 1)."""
    seen = np.asarray(values, dtype=np.float64)
    return float(seen.std(ddof=1)) / math.sqrt(len(seen))


def entropy(shares: Sequence[float] | Array) -> float:
    """Shannon's entropy in nats; largest for equal shares.

    >>> round(entropy([0.5, 0.5]), 6), round(entropy([0.9, 0.1]) / math.log(2), 6)
    (0.693147, 0.468996)
    """
    p = np.asarray(shares, dtype=np.float64)
    p = p[p > 0]
    return float(-np.sum(p * np.log(p)))


def gini(shares: Sequence[float] | Array) -> float:
    """Gini's impurity, 1 - sum p^2.

    >>> gini([0.5, 0.5]), round(gini([0.9, 0.1]), 2)
    (0.5, 0.18)
    """
    p = np.asarray(shares, dtype=np.float64)
    return float(1 - np.sum(p**2))


def poisson_sd(count: float) -> float:
    """Standard deviation of a count of independent events.

    >>> round(poisson_sd(14), 2)
    3.74
    """
    return math.sqrt(count)


def parts(n: int, shares: Sequence[float]) -> list[int]:
    """Whole parts of ``n`` in these shares, by largest remainder (ties to the first).

    >>> parts(1003, [0.8, 0.1, 0.1])
    [803, 100, 100]
    """
    # exact shares such as 0.8 * 1000 must not fall just below the whole number
    exact = [round(n * s / math.fsum(shares), 9) for s in shares]
    whole = [math.floor(x) for x in exact]
    order = sorted(range(len(shares)), key=lambda i: (whole[i] - exact[i], i))
    for i in order[: n - sum(whole)]:
        whole[i] += 1
    return whole


def autocorrelation(values: Doubles, lags: int) -> Doubles:
    """Autocorrelation at lags 0 to ``lags``, shape (lags + 1,); zeros for a constant series."""
    centered = np.asarray(values, dtype=np.float64) - np.mean(values)
    total = float(np.dot(centered, centered))
    if total == 0:
        return np.zeros(lags + 1)
    n = len(centered)
    return np.array(
        [float(np.dot(centered[: n - k], centered[k:])) / total for k in range(lags + 1)]
    )


def of_sorted(values: Doubles, shares: Sequence[float] | Array) -> Doubles:
    """(shares,) quantiles of values that are sorted already: ``np.quantile`` to the last bit, a
    tenth of its cost on some hundred values.

    >>> of_sorted(np.array([0.0, 1.0, 4.0]), (0.25, 1.0)).tolist()
    [0.5, 4.0]
    """
    place = np.asarray(shares, dtype=np.float64) * (len(values) - 1)
    below = np.floor(place).astype(np.int64)
    low, high = values[below], values[np.minimum(below + 1, len(values) - 1)]
    part, step = place - below, high - low
    return np.where(part < 0.5, low + step * part, high - step * (1 - part))
