"""Estimate: a number with the influence of every sample on it (contract 10).

Interval, clustered interval, paired comparison, slice and smallest detectable gain all come
from the influence values; methods and coverage are tested in ``tests/stats``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from heldout.core.arrays import Doubles

Scale = Literal["plain", "log", "logit", "log1m", "wilson", "atanh"]


@dataclass(frozen=True)
class Estimate:
    """``value`` theta, ``psi`` (samples,) with mean 0: one influence value per sample.

    ``scale`` says where the interval is symmetric; ``positives`` is n+ (samples of the rarest
    class scored; n for regression), which sets the degrees of freedom of class metrics.
    """

    value: float
    psi: Doubles
    scale: Scale = "plain"
    positives: int | None = None
    worse: Estimate | None = None

    def moved(self, value: float) -> Estimate:
        """The same influence around another value; ``worse`` moves along."""
        shift = value - self.value
        worse = self.worse
        if worse is not None:
            worse = replace(
                worse,
                value=max(worse.value + shift, 0.0)
                if worse.scale == "log"
                else worse.value + shift,
            )
        return replace(self, value=value, worse=worse)


@dataclass(frozen=True)
class Interval:
    """Two ends and the level; ``low`` and ``high`` are None where no method can bound honestly,
    and ``warning`` then says why (or what to beware of)."""

    low: float | None
    high: float | None
    level: float = 0.95
    standard_error: float | None = None
    warning: str = ""
