"""MetricCard and Score: what a metric file exports, and a number that never stands alone."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from heldout.core.arrays import Array, Doubles
from heldout.core.shelf import Shelf
from heldout.stats.estimate import Estimate


@dataclass(frozen=True)
class Truth:
    """What a metric compares: ``y`` (samples,) class codes or values as float64; ``prediction``
    (samples, classes) probabilities or (samples, 1) values, float64; ``decision`` (samples,)
    class codes (None for values); ``positive`` the class code that binary metrics look for."""

    y: Doubles
    prediction: Doubles
    decision: Array | None = None
    positive: int = 1
    weights: Doubles | None = None


@dataclass(frozen=True)
class Doubt:
    """Why an interval must not be trusted; ``withhold``: so much that none is given."""

    words: str
    withhold: bool = False


@dataclass(frozen=True)
class MetricCard:
    """``estimate`` is pure NumPy and deterministic; ``forms`` are task kinds that it scores;
    ``needs`` is "probability", "decision" or "value"; ``words`` explains the value in a sentence
    with ``{value}`` in it; ``perfect`` is the best value there is; ``doubt`` is the gate of the
    interval; ``told`` is the sentence of the screens, with ``{positive}`` and ``{negative}``."""

    name: str
    title: str
    forms: tuple[str, ...]
    needs: str
    greater_is_better: bool
    perfect: float
    estimate: Callable[[Truth], Estimate]
    words: str
    source: str = ""
    unit_of_target: bool = False
    doubt: Callable[[Truth], Doubt | None] | None = None
    told: str = ""


METRICS: Shelf[MetricCard] = Shelf("heldout.metrics.shelf", MetricCard, "metric")


@dataclass(frozen=True)
class Score:
    """Value, interval, samples, and the estimate that they came from. ``value`` is NaN where
    the metric is not defined, and ``warning`` says why."""

    metric: str
    value: float
    low: float | None
    high: float | None
    samples: int
    standard_error: float | None = None
    warning: str = ""
    estimate: Estimate | None = None
    level: float = 0.95

    def as_dict(self) -> dict[str, float | int | str | None]:
        """Without the influence values; JSON-able."""
        return {
            "metric": self.metric,
            "value": self.value if math.isfinite(self.value) else None,
            "low": self.low,
            "high": self.high,
            "samples": self.samples,
            "standard_error": self.standard_error,
            "warning": self.warning,
            "level": self.level,
        }
