"""Ranges of settings, as cards declare them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Real:
    """A number between two ends, linear or logarithmic.

    >>> Real(0.01, 0.3, default=0.1, log=True).default
    0.1
    """

    low: float
    high: float
    default: float
    log: bool = False

    def draw(self, rng: np.random.Generator) -> float:
        """One value."""
        if self.log:
            return float(math.exp(rng.uniform(math.log(self.low), math.log(self.high))))
        return float(rng.uniform(self.low, self.high))


@dataclass(frozen=True)
class Whole:
    """A whole number between two ends, both included."""

    low: int
    high: int
    default: int
    log: bool = False

    def draw(self, rng: np.random.Generator) -> int:
        """One value."""
        return round(Real(self.low, self.high, self.default, self.log).draw(rng))


@dataclass(frozen=True)
class Choice:
    """One of several values."""

    values: tuple[Any, ...]
    default: Any

    def draw(self, rng: np.random.Generator) -> Any:
        """One value."""
        return self.values[int(rng.integers(len(self.values)))]


Space = Mapping[str, Real | Whole | Choice]


def defaults(space: Space) -> dict[str, Any]:
    """The default of every setting."""
    return {name: part.default for name, part in space.items()}
