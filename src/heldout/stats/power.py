"""How small a gain could have been seen, and how many samples an experiment needs."""

from __future__ import annotations

import math

from heldout.core.arrays import Array
from heldout.stats.estimate import Estimate
from heldout.stats.intervals import group_error, group_sums, row_error
from heldout.stats.quantiles import normal, normal_p, student

GATE_LEVEL = 0.975
"""Of the two-sided interval whose lower end a gain must have above 0 to be called signal: 1.25 % of
targets without signal pass. 2.5 %, the half of 5 %, are 5 of 200 on average, so more than 5 in four
looks of ten; 1.25 % are more than 5 in one look of thirty."""
POWER = 0.85
"""With which the stated smallest gain is found. "Four times in five" is promised; a power of just
that would fall below it in half of all checks."""


def detectable_gain(
    difference: Estimate,
    *,
    groups: Array | None = None,
    factor: float = 1.0,
    level: float = GATE_LEVEL,
    power: float = POWER,
) -> float:
    """The smallest true gain that these samples would show 4 times in 5 at least.

    (q(level) + q(power)) standard errors of the paired difference, with the quantiles that its
    interval has (normal, or Student's t where groups or the rare class are few): at the gate's
    level 3.28 standard errors, at 0.95 and a power of 0.8 the usual 2.80. Infinite where the
    difference has no interval.
    """
    sums = None if groups is None else group_sums(difference.psi, groups)
    freedom = difference.positives if sums is None else len(sums)
    if freedom is not None and freedom < 2:
        return math.inf
    se = row_error(difference.psi) if sums is None else group_error(sums, len(difference.psi))
    both = (level, 2 * power - 1)
    deviations = sum(normal(b) if freedom is None else student(b, freedom - 1) for b in both)
    return deviations * se * factor


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
