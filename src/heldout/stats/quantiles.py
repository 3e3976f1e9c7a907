"""Quantiles of the normal, Student's, binomial and chi-squared distributions.

scipy.special is imported where it is needed: scipy.stats costs a second at import.
"""

from __future__ import annotations

import math

from heldout.core.arrays import Array

Z95 = 1.959963984540054  # normal quantile at 0.975


def normal(level: float = 0.95) -> float:
    """The half-width in standard errors of a two-sided normal interval.

    >>> round(normal(0.95), 4)
    1.96
    """
    if level == 0.95:
        return Z95
    from scipy.special import ndtri

    return float(ndtri(0.5 + level / 2))


def student(level: float, freedom: float) -> float:
    """The same for Student's t with ``freedom`` degrees; infinite below 1 degree.

    >>> round(student(0.95, 9), 3)
    2.262
    """
    if freedom < 1:
        return math.inf
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.5 + level / 2))


def student_p(t: float, freedom: float) -> float:
    """Two-sided p-value of Student's t.

    >>> round(student_p(4.714286, 9), 6)
    0.001098
    """
    from scipy.special import stdtr

    return float(2 * stdtr(freedom, -abs(t)))


def normal_p(z: float) -> float:
    """Two-sided p-value of a standard normal.

    >>> round(normal_p(2.102741), 6)
    0.035488
    """
    return math.erfc(abs(z) / math.sqrt(2))


def chi2_p(statistic: float, freedom: float) -> float:
    """Upper-tail p-value of a chi-squared statistic."""
    from scipy.special import chdtrc

    return float(chdtrc(freedom, statistic))


def binomial_upper_p(k: Array, n: Array, share: Array) -> Array:
    """P(at least ``k`` of ``n``) where each has probability ``share``; elementwise."""
    import numpy as np
    from scipy.special import bdtrc

    return np.where(np.asarray(k) <= 0, 1.0, bdtrc(np.maximum(k, 1) - 1.0, n, share))
