"""Has a distribution changed? Effects with their own noise removed, and bounds that keep a promise.

An alarm is on the size of the change, never on p < 0.05: with 50,000 rows a harmless shift of
0.03 standard deviations is "significant" 97.5 % of the time, and with 200 rows a PSI above 0.1
appears in 36 % of windows without any drift.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from heldout.core.arrays import Array, Bools, Doubles
from heldout.stats.intervals import clopper_pearson
from heldout.stats.quantiles import binomial_upper_p, chi2_p

NOTE, WARN, URGENT = 0.1, 0.2, 0.35  # Cohen's w: small, and between small and medium


@dataclass(frozen=True)
class Change:
    """``effect`` is Cohen's w with the expected noise taken out; the true effect is below
    ``low`` with a probability of at most ``1 - level``; ``p`` of no change at all."""

    effect: float
    low: float
    p: float
    level: float
    reference: int
    live: int


def shares(counts: Array) -> Doubles:
    """Counts to shares; zeros where there are none."""
    c = np.asarray(counts, dtype=np.float64)
    total = c.sum()
    return np.asarray(c / total if total > 0 else np.zeros(len(c)), dtype=np.float64)


def psi(reference: Array, live: Array, floor: float = 0.0) -> float:
    """Population stability index, sum (q - p) log(q / p), of two vectors of counts or shares.

    ``floor`` is added to every count, so that an empty bin does not make it infinite.

    >>> round(psi([0.5, 0.5], [0.6, 0.4]), 6)
    0.040547
    """
    p = shares(np.asarray(reference, dtype=np.float64) + floor)
    q = shares(np.asarray(live, dtype=np.float64) + floor)
    seen = (p > 0) | (q > 0)
    p, q = p[seen], q[seen]
    if np.any(p == 0) or np.any(q == 0):
        return math.inf
    return float(np.sum((q - p) * np.log(q / p)))


def psi_without_noise(reference: Array, live: Array) -> float:
    """PSI less what two equal distributions show by chance: (bins - 1)(1/n + 1/m); at least 0.

    Half a row is added to every bin.
    """
    n, m = float(np.sum(reference)), float(np.sum(live))
    if n == 0 or m == 0:
        return 0.0
    bins = int(np.sum((np.asarray(reference) + np.asarray(live)) > 0))
    return max(0.0, psi(reference, live, 0.5) - (bins - 1) * (1 / n + 1 / m))


def largest_gap(reference: Array, live: Array) -> float:
    """Kolmogorov and Smirnov's distance over ordered bins: the largest gap of cumulated shares."""
    return float(np.max(np.abs(np.cumsum(shares(reference)) - np.cumsum(shares(live)))))


def effect(reference: Array, live: Array, level: float = 0.99) -> Change:
    """Cohen's w between reference and live counts of the same bins, with a lower bound.

    w^2 = sum (q - p)^2 / p. Two samples of sizes n and m give a chi-squared statistic X with
    noncentrality n m / (n + m) * w^2 (on the pooled shares), so w^2 is estimated by
    (X - (bins - 1)) (n + m) / (n m), and ``low`` by the noncentrality whose upper tail at X is
    1 - level. Without drift ``low`` is above 0 in at most ``1 - level`` of windows (bins with
    fewer than 5 expected rows are joined first); above a floor it is far rarer.
    """
    a, b = _joined(np.asarray(reference, np.float64), np.asarray(live, np.float64))
    n, m, bins = float(a.sum()), float(b.sum()), len(a)
    if n == 0 or m == 0 or bins < 2:
        return Change(0.0, 0.0, 1.0, level, int(n), int(m))
    pooled = (a + b) / (n + m)
    per_unit = n * m / (n + m)
    statistic = per_unit * float(np.sum((b / m - a / n) ** 2 / pooled))
    found = math.sqrt(max(0.0, statistic - (bins - 1)) / per_unit)
    low = math.sqrt(_noncentrality(statistic, bins - 1, 1 - level) / per_unit)
    return Change(found, min(low, found), chi2_p(statistic, bins - 1), level, int(n), int(m))


def _joined(a: Doubles, b: Doubles, least: float = 5.0) -> tuple[Doubles, Doubles]:
    """Join bins whose expected count in the smaller sample is below ``least``, smallest first."""
    total = a + b
    keep = total > 0
    a, b, total = a[keep], b[keep], total[keep]
    everything = float(total.sum())
    if everything == 0:
        return a, b
    expected = total / everything * min(a.sum(), b.sum())
    small = expected < least
    if not small.any():
        return a, b
    rest_a, rest_b = float(a[small].sum()), float(b[small].sum())
    left_a, left_b = a[~small], b[~small]
    if float(expected[small].sum()) >= least or len(left_a) == 0:
        return np.append(left_a, rest_a), np.append(left_b, rest_b)
    k = int(np.argmin(left_a + left_b))
    left_a[k] += rest_a
    left_b[k] += rest_b
    return left_a, left_b


def _noncentrality(statistic: float, freedom: int, tail: float) -> float:
    """The smallest noncentrality at which ``statistic`` is not surprisingly large."""
    from scipy.special import chndtrinc

    if chi2_p(statistic, freedom) > tail:
        return 0.0
    found = float(chndtrinc(statistic, freedom, 1 - tail))
    return found if math.isfinite(found) else 0.0


def share_change(k_reference: int, n: int, k_live: int, m: int, level: float = 0.99) -> Change:
    """Cohen's w of one share (missing cells, unseen levels, cells out of range), exactly.

    The live share's Clopper-Pearson interval must lie outside the reference's; each at
    ``1 - (1 - level) / 2``, so that both hold with ``level``.
    """
    if n == 0 or m == 0:
        return Change(0.0, 0.0, 1.0, level, n, m)
    each = (1 + level) / 2
    r_low, r_high = clopper_pearson(k_reference, n, each)
    l_low, l_high = clopper_pearson(k_live, m, each)
    p, q = k_reference / n, k_live / m
    gap_low = max(0.0, l_low - r_high, r_low - l_high)
    spread = math.sqrt(max(p * (1 - p), 1 / n))
    upper = float(binomial_upper_p(np.array([k_live]), np.array([m]), np.array([max(p, 1 / n)]))[0])
    return Change(abs(q - p) / spread, gap_low / spread, upper, level, n, m)


def e_value(p: float) -> float:
    """An e-value from a p-value: 1 / (2 sqrt(p)), whose mean without change is at most 1.

    Source: Vovk and Wang 2021.
    """
    return 1 / (2 * math.sqrt(max(p, 1e-300)))


def e_bh(e_values: Array, alpha: float = 0.05) -> Bools:
    """Which hypotheses are rejected at a false discovery rate of ``alpha``, whatever depends.

    The k largest with e >= tests / (alpha k). Source: Wang and Ramdas 2022.

    >>> e_bh(np.array([100.0, 50.0, 1.0]), 0.05).tolist()
    [True, True, False]
    """
    e = np.asarray(e_values, dtype=np.float64)
    if len(e) == 0:
        return np.zeros(0, dtype=bool)
    order = np.argsort(-e, kind="stable")
    ranks = np.arange(1, len(e) + 1)
    kept = np.nonzero(e[order] >= len(e) / (alpha * ranks))[0]
    rejected = np.zeros(len(e), dtype=bool)
    if len(kept):
        rejected[order[: kept[-1] + 1]] = True
    return rejected
