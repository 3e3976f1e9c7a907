"""Intervals from influence values (contract 10).

The standard error of an estimate with influence values psi is sqrt(sum psi^2 / (n (n - 1))).
The interval is symmetric on the estimate's own scale and transformed back, so that it never
leaves the range. With groups, psi is summed within each of G groups:
se = sqrt(G / (G - 1) * sum_g (sum psi)^2) / n with Student's t on G - 1 degrees of freedom.

Sources: DeLong et al. 1988 (AUC); Wilson 1927; Clopper and Pearson 1934; Cameron and Miller
2015 (clusters). Measured coverage: ``bench/coverage.py``.
"""

from __future__ import annotations

import math

import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.stats.estimate import Estimate, Interval, Scale
from heldout.stats.quantiles import normal, student

FEWEST_GROUPS = 10


def interval(
    estimate: Estimate,
    *,
    groups: Array | None = None,
    level: float = 0.95,
    factor: float = 1.0,
) -> Interval:
    """The two-sided interval of an estimate.

    ``groups`` (samples,) codes of the unit that samples belong to; ``factor`` widens the
    standard error (1.2 or 1.15 for cross-validation, joints 11). Ends are None where no method
    can bound honestly: undefined values, fewer than 2 samples or 10 groups, no degrees of freedom.

    >>> hits = np.repeat([1.0, 0.0], [85, 15])
    >>> i = interval(Estimate(0.85, hits - 0.85, "wilson"))
    >>> i.low.__round__(3), i.high.__round__(3)
    (0.767, 0.907)
    """
    n = len(estimate.psi)
    if not math.isfinite(estimate.value):
        return Interval(None, None, level, None, "the score is not defined for these samples")
    if n < 2:
        return Interval(None, None, level, None, "one sample has no interval")
    if groups is None:
        se = row_error(estimate.psi) * factor
        if estimate.scale == "wilson":
            se *= math.sqrt((n - 1) / n)  # Wilson's variance is p (1 - p) / n
        # Wilson's own quantile is the normal one; n+ is the count that the rate is over
        few = None if estimate.scale == "wilson" else estimate.positives
        q = _quantile(few, level)
        if not math.isfinite(q):
            return Interval(None, None, level, se, "too few of the rarest class for an interval")
    else:
        sums = group_sums(estimate.psi, groups)
        if len(sums) < FEWEST_GROUPS:
            words = f"{len(sums)} groups are too few for an interval (10 are needed)"
            return Interval(None, None, level, None, words)
        se = group_error(sums, n) * factor
        q = student(level, len(sums) - 1)
    units = n if groups is None else len(sums)
    if estimate.scale in ("log", "log1m") and _at_edge(estimate):
        return Interval(None, None, level, se, "every answer is exact: nothing to judge noise by")
    low, high = ends(estimate.value, se, estimate.scale, q, min(estimate.positives or units, units))
    if estimate.worse is not None:
        low, high = _with_worse(estimate, low, high, groups, level, factor)
    return Interval(low, high, level, se)


def _with_worse(
    estimate: Estimate, low: float, high: float, groups: Array | None, level: float, factor: float
) -> tuple[float, float]:
    """The bad end comes from the estimate with one unseen error: a unit of its own."""
    worse = estimate.worse
    assert worse is not None
    more = None
    if groups is not None:
        codes = np.unique(groups, return_inverse=True)[1].reshape(-1)
        more = np.append(codes, codes.max() + 1)
    found = interval(worse, groups=more, level=level, factor=factor)
    if worse.value < estimate.value:
        return low if found.low is None else min(low, found.low), high
    return low, high if found.high is None else max(high, found.high)


def _quantile(positives: int | None, level: float) -> float:
    return normal(level) if positives is None else student(level, positives - 1)


def _at_edge(estimate: Estimate) -> bool:
    theta = estimate.value
    return theta <= 0 if estimate.scale == "log" else theta >= 1


def row_error(psi: Doubles) -> float:
    """Standard error of the mean of independent influence values."""
    n = len(psi)
    return math.sqrt(float(np.dot(psi, psi)) / (n * (n - 1)))


def group_sums(psi: Doubles, groups: Array) -> Doubles:
    """Sum of psi in each group, in order of the group's code."""
    _, codes = np.unique(groups, return_inverse=True)
    return np.asarray(np.bincount(codes.reshape(-1), weights=psi), dtype=np.float64)


def group_error(sums: Doubles, n: int) -> float:
    """Standard error from the G sums of influence values over ``n`` samples."""
    g = len(sums)
    return math.sqrt(g / (g - 1) * float(np.dot(sums, sums))) / n


def ends(theta: float, se: float, scale: Scale, q: float, units: int) -> tuple[float, float]:
    """Both ends at ``q`` standard errors on ``scale``.

    ``units`` is the count of independent units; it bounds a rate that is exactly 0 or 1, where
    the influence values are all 0 (the ends of Clopper and Pearson at the same level).
    """
    if scale == "plain":
        return theta - q * se, theta + q * se
    if scale == "wilson":
        rate = min(1.0, max(0.0, theta))
        effective = rate * (1 - rate) / se**2 if se**2 > 0 else float(units)
        return _wilson(rate, max(effective, 1e-9), q)
    if scale == "log":
        step = q * se / theta
        return theta * math.exp(-step), theta * math.exp(min(step, 700.0))
    if scale == "log1m":
        step = min(q * se / (1 - theta), 700.0)
        return 1 - (1 - theta) * math.exp(step), 1 - (1 - theta) * math.exp(-step)
    if scale == "atanh":
        if abs(theta) >= 1:
            edge = _edge(q, units)
            return (2 * edge - 1, 1.0) if theta > 0 else (-1.0, 1 - 2 * edge)
        middle, step = math.atanh(theta), q * se / (1 - theta**2)
        return math.tanh(middle - step), math.tanh(middle + step)
    if theta >= 1 or theta <= 0:
        edge = _edge(q, units)
        return (edge, 1.0) if theta >= 1 else (0.0, 1 - edge)
    middle, step = math.log(theta / (1 - theta)), q * se / (theta * (1 - theta))
    return _sigmoid(middle - step), _sigmoid(middle + step)


def on_scale(theta: float, se: float, scale: Scale) -> tuple[float, float]:
    """Value and standard error where the interval is symmetric (delta method).

    Wilson's interval has no such scale: it is given on the plain one.
    """
    if scale == "log":
        return math.log(theta), se / theta
    if scale == "logit":
        return math.log(theta / (1 - theta)), se / (theta * (1 - theta))
    if scale == "log1m":
        return math.log(1 - theta), se / (1 - theta)
    if scale == "atanh":
        return math.atanh(theta), se / (1 - theta**2)
    return theta, se


def _edge(q: float, units: int) -> float:
    """The low end of a rate of 1 seen in ``units`` cases: alpha/2 to the power 1/units."""
    tail = math.erfc(q / math.sqrt(2)) / 2
    return float(max(tail, 1e-300) ** (1 / max(units, 1)))


def _sigmoid(x: float) -> float:
    return (
        1 / (1 + math.exp(-x)) if x >= 0 else math.exp(max(x, -700)) / (1 + math.exp(max(x, -700)))
    )


def _wilson(rate: float, n: float, q: float) -> tuple[float, float]:
    q2 = q * q
    center = (rate + q2 / (2 * n)) / (1 + q2 / n)
    half = q / (1 + q2 / n) * math.sqrt(rate * (1 - rate) / n + q2 / (4 * n * n))
    low = 0.0 if rate == 0 else max(0.0, center - half)
    high = 1.0 if rate == 1 else min(1.0, center + half)
    return low, high


def wilson(k: float, n: float, level: float = 0.95) -> tuple[float, float]:
    """Wilson's interval of a rate, ``k`` of ``n``; (0, 1) when there are none.

    >>> tuple(round(x, 6) for x in wilson(85, 100))
    (0.767164, 0.90694)
    """
    if n <= 0:
        return 0.0, 1.0
    return _wilson(k / n, n, normal(level))


def clopper_pearson(k: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """The exact interval of a rate: covers at least ``level``, wider than Wilson's.

    >>> tuple(round(x, 4) for x in clopper_pearson(0, 10))
    (0.0, 0.3085)
    """
    from scipy.special import betaincinv

    if n <= 0:
        return 0.0, 1.0
    tail = (1 - level) / 2
    low = 0.0 if k <= 0 else float(betaincinv(k, n - k + 1, tail))
    high = 1.0 if k >= n else float(betaincinv(k + 1, n - k, 1 - tail))
    return low, high


def paired(a: Estimate, b: Estimate) -> Estimate:
    """The difference a - b on the same samples; its influence is psi_a - psi_b.

    Raises ValueError where the two were not measured on equally many samples.
    """
    if len(a.psi) != len(b.psi):
        raise ValueError(f"paired estimates need the same samples: {len(a.psi)} and {len(b.psi)}")
    counts = [e.positives for e in (a, b) if e.positives is not None]
    return Estimate(a.value - b.value, a.psi - b.psi, "plain", min(counts) if counts else None)
