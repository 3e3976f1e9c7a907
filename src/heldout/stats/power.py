"""How small a gain could have been seen, and how many samples an experiment needs."""

from __future__ import annotations

import math

from heldout.core.arrays import Array
from heldout.stats.estimate import Estimate
from heldout.stats.intervals import group_error, group_sums, row_error
from heldout.stats.quantiles import normal, normal_p

DETECTABLE = 2.80  # z(0.975) + z(0.8): found 4 times in 5 at 5 %, two-sided


def detectable_gain(
    difference: Estimate, *, groups: Array | None = None, factor: float = 1.0
) -> float:
    """The smallest true gain that these samples would show 4 times in 5.

    2.80 standard errors of the paired difference (80 % power at 5 %, two-sided).
    """
    if groups is None:
        se = row_error(difference.psi)
    else:
        se = group_error(group_sums(difference.psi, groups), len(difference.psi))
    return DETECTABLE * se * factor


def _deviations(alpha: float, power: float) -> float:
    return normal(1 - alpha) + normal(2 * power - 1)


def samples_for_means(
    effect: float, deviation: float, *, alpha: float = 0.05, power: float = 0.8
) -> int:
    """Samples per arm to find a difference of two means: 2 (z_a + z_b)^2 sd^2 / effect^2.

    >>> samples_for_means(0.5, 1.0)
    63
    """
    return math.ceil(2 * (_deviations(alpha, power) * deviation / effect) ** 2)


def samples_for_rates(
    a: float, b: float, *, alpha: float = 0.05, power: float = 0.8, pooled: bool = True
) -> int:
    """Samples per arm to find that rates ``a`` and ``b`` differ.

    Pooled variance under the null hypothesis, as tables print it; unpooled is slightly smaller.

    >>> samples_for_rates(0.10, 0.12), samples_for_rates(0.10, 0.12, pooled=False)
    (3841, 3839)
    """
    own = a * (1 - a) + b * (1 - b)
    if not pooled:
        return math.ceil((_deviations(alpha, power) ** 2) * own / (a - b) ** 2)
    middle = (a + b) / 2
    under_null = normal(1 - alpha) * math.sqrt(2 * middle * (1 - middle))
    under_effect = normal(2 * power - 1) * math.sqrt(own)
    return math.ceil(((under_null + under_effect) / (a - b)) ** 2)


def samples_for_accuracy(
    gain: float, disagreement: float, *, alpha: float = 0.05, power: float = 0.8
) -> int:
    """Rows to see a gain in accuracy between models that disagree on a share of rows.

    n = (z_a + z_b)^2 d / gain^2.

    >>> samples_for_accuracy(0.02, 0.2)
    3925
    """
    return math.ceil(_deviations(alpha, power) ** 2 * disagreement / gain**2)


def two_rates(k_a: int, n_a: int, k_b: int, n_b: int) -> tuple[float, float]:
    """z and two-sided p of two independent rates with pooled variance (b minus a).

    >>> z, p = two_rates(100, 1000, 130, 1000)
    >>> round(z, 6), round(p, 6)
    (2.102741, 0.035488)
    """
    share = (k_a + k_b) / (n_a + n_b)
    se = math.sqrt(share * (1 - share) * (1 / n_a + 1 / n_b))
    if se == 0:
        return 0.0, 1.0
    z = (k_b / n_b - k_a / n_a) / se
    return z, normal_p(z)
