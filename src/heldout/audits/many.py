"""Many tests at once, and exact bounds of rates: what keeps false alarms down."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from heldout.core.arrays import Bools, Doubles

RATE = 0.01  # share of false ones among those kept


def kept(p_values: Sequence[float] | Doubles, rate: float = RATE) -> Bools:
    """Which tests stand by Benjamini and Hochberg (1995) at false discovery rate ``rate``.

    >>> kept([0.001, 0.5, 0.004, 0.9]).tolist()
    [True, False, True, False]
    """
    p = np.asarray(p_values, dtype=np.float64)
    if not len(p):
        return np.zeros(0, dtype=bool)
    order = np.argsort(p, kind="stable")
    below = np.flatnonzero(p[order] <= rate * np.arange(1, len(p) + 1) / len(p))
    stand = np.zeros(len(p), dtype=bool)
    if len(below):
        stand[order[: below[-1] + 1]] = True
    return stand


def at_most(hits: int, n: int, rate: float) -> float:
    """P(X <= hits) for X binomial(n, rate): small means that the true rate is below ``rate``.

    >>> round(at_most(0, 10, 0.5), 6)
    0.000977
    """
    from scipy.special import bdtr

    return float(bdtr(hits, n, rate))


def one_sided(z: float) -> float:
    """P(Z > z) of a standard normal.

    >>> round(one_sided(1.6448536), 4)
    0.05
    """
    from scipy.special import ndtr

    return float(ndtr(-z))
