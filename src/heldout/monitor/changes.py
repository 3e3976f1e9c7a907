"""Effects that alarms share: of a rate, of bins, of a shift over ordered bins.

All three are about as large as a shift of the mean in standard deviations.
"""

from __future__ import annotations

import math

import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.monitor.alarm import Judged
from heldout.stats.drift import effect, psi_without_noise
from heldout.stats.intervals import clopper_pearson
from heldout.stats.quantiles import normal


def rate_change(before: int, trained: int, now: int, rows: int, level: float) -> Judged:
    """Cohen's h of a rate, 2 asin sqrt q - 2 asin sqrt p, bounded by exact intervals.

    Both Clopper-Pearson intervals hold together with ``level``; ``low`` is the h between their
    nearest ends. 0 to 1 % is 0.2, 10 to 13 % is 0.1.
    """
    if trained == 0 or rows == 0:
        return Judged(0.0, 0.0)
    each = (1 + level) / 2
    old_low, old_high = clopper_pearson(before, trained, each)
    new_low, new_high = clopper_pearson(now, rows, each)
    low = 0.0
    if new_low > old_high:
        low = cohen_h(old_high, new_low)
    elif new_high < old_low:
        low = cohen_h(new_high, old_low)
    share, was = now / rows, before / trained
    numbers = {"before": was, "now": share, "now_low": new_low, "now_high": new_high, "rows": rows}
    return Judged(abs(cohen_h(was, share)), low, numbers)


def cohen_h(p: float, q: float) -> float:
    """The distance of two rates on the scale where their noise is the same everywhere.

    >>> round(cohen_h(0.0, 0.01), 3), round(cohen_h(0.5, 0.55), 3)
    (0.2, 0.1)
    """
    return 2 * math.asin(math.sqrt(q)) - 2 * math.asin(math.sqrt(p))


def bins_change(before: Array, now: Array, level: float) -> Judged:
    """Cohen's w over bins without their noise; PSI without its noise beside it."""
    found = effect(np.asarray(before), np.asarray(now), level)
    numbers = {"psi": psi_without_noise(before, now), "p": found.p, "rows": found.live}
    return Judged(found.effect, found.low, numbers)


def shift(before: Array, now: Array, level: float) -> Judged:
    """How far the live values moved up or down over ordered bins, in standard deviations.

    Ranks within the reference (ridits), scaled by their own deviation; one degree of freedom, so
    it sees a shift sooner than ``bins_change``. Source: Bross 1958.
    """
    a, b = np.asarray(before, dtype=np.float64), np.asarray(now, dtype=np.float64)
    n, m = float(a.sum()), float(b.sum())
    if n == 0 or m == 0:
        return Judged(0.0, 0.0)
    ridits = _ridits(a)
    pooled = (a + b) / (n + m)
    middle = float(np.dot(pooled, ridits))
    deviation = math.sqrt(float(np.dot(pooled, (ridits - middle) ** 2)))
    if deviation == 0:
        return Judged(0.0, 0.0)
    moved = float(np.dot(b / m, ridits) - np.dot(a / n, ridits)) / deviation
    noise = math.sqrt(1 / n + 1 / m)
    low = max(0.0, abs(moved) - normal(level) * noise)
    found = math.copysign(math.sqrt(max(0.0, moved**2 - noise**2)), moved)
    return Judged(abs(found), low, {"moved": moved, "rows": int(m)})


def _ridits(counts: Doubles) -> Doubles:
    """Share of the reference below the middle of each bin."""
    shares = counts / counts.sum()
    return np.asarray(np.cumsum(shares) - shares / 2, dtype=np.float64)
