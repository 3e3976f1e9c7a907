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


def typed(part: Real | Whole | Choice, said: Any) -> Any:
    """A value that someone wrote, as a setting of this kind; ValueError says what is wrong.

    The ends of a range bound a search, not a person: a number beyond them is taken.

    >>> typed(Whole(2, 200, 31), "500"), typed(Real(0.0, 1.0, 0.5), "1e-3")
    (500, 0.001)
    >>> typed(Choice((None, 0.1, 0.01), None), "none"), typed(Choice((32, 64), 32), "48")
    (None, 48)
    """
    if isinstance(part, Whole):
        number = float(said)
        if number != round(number):
            raise ValueError(f"{said!r} is not a whole number")
        return round(number)
    if isinstance(part, Real):
        number = float(said)
        if not math.isfinite(number):
            raise ValueError(f"{said!r} is not a number")
        return number
    return _one_of(part, said)


def _one_of(part: Choice, said: Any) -> Any:
    """The value itself, or a number beside the listed numbers."""
    for value in part.values:
        if said == value and isinstance(said, bool) == isinstance(value, bool):
            return value
        if str(said).lower() in _words(value):
            return value
    numbers = [v for v in part.values if isinstance(v, (int, float)) and not isinstance(v, bool)]
    listed = ", ".join("none" if v is None else str(v) for v in part.values)
    try:
        number = float(said)
    except (TypeError, ValueError):
        number = math.nan
    if not numbers or not math.isfinite(number):
        raise ValueError(f"{said!r} is none of {listed}")
    whole = all(isinstance(v, int) for v in numbers)
    if whole and number != round(number):
        raise ValueError(f"{said!r} is not a whole number, as {listed} are")
    return round(number) if whole else number


def _words(value: Any) -> tuple[str, ...]:
    if value is None:
        return ("none", "null")
    if isinstance(value, bool):
        return ("true", "yes") if value else ("false", "no")
    return (str(value).lower(),)
