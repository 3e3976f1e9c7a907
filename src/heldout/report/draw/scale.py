"""From values to places: axes in percent of a picture's width and height, and their ticks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from heldout.report.figures import number

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Scale:
    """A line from ``low`` to ``high``; ``log`` places by the logarithm (both ends above 0).

    >>> Scale(0.5, 1.0).at(0.75), Scale(1.0, 100.0, log=True).at(10.0)
    (50.0, 50.0)
    """

    low: float
    high: float
    log: bool = False

    def at(self, value: float) -> float:
        """Where a value stands, from 0 to 100; values beyond the ends stand at the ends."""
        low, high, x = self.low, self.high, value
        if self.log:
            low, high, x = math.log(low), math.log(high), math.log(max(value, self.low))
        if high <= low:
            return 50.0
        return round(min(100.0, max(0.0, 100 * (x - low) / (high - low))), 2)

    def ticks(self, most: int = 5) -> list[tuple[float, str]]:
        """Round values on the line with their texts, at most about ``most``.

        >>> Scale(0.0, 1.0).ticks()
        [(0.0, '0.00'), (0.25, '0.25'), (0.5, '0.50'), (0.75, '0.75'), (1.0, '1.00')]
        >>> Scale(10.0, 1000.0, log=True).ticks()
        [(10.0, '10'), (100.0, '100'), (1000.0, '1,000')]
        """
        values = self._decades(most) if self.log else self._steps(most)
        places = _places(values)
        return [(v, _short(v, places)) for v in values]

    def _steps(self, most: int) -> list[float]:
        span = self.high - self.low
        if not math.isfinite(span) or span <= 0:
            return [self.low]
        rough = span / max(1, most - 1)
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(s * power for s in STEPS if s * power >= rough * 0.999)
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [round(i * step, 12) for i in range(first, last + 1)]

    def _decades(self, most: int) -> list[float]:
        first = math.ceil(math.log10(self.low) - 1e-9)
        last = math.floor(math.log10(self.high) + 1e-9)
        if last - first < 1:
            return self._steps(most)
        jump = max(1, math.ceil((last - first + 1) / most))
        return [10.0**i for i in range(first, last + 1, jump)]


def around(values: Iterable[float | None], *, zero: bool = False, pad: float = 0.05) -> Scale:
    """A scale that holds all finite values; with ``zero`` it holds 0 too and is not padded there.

    >>> around([2.0, 4.0], zero=True, pad=0.0)
    Scale(low=0.0, high=4.0, log=False)
    """
    known = [float(v) for v in values if v is not None and math.isfinite(v)]
    if zero:
        known.append(0.0)
    if not known:
        return Scale(0.0, 1.0)
    low, high = min(known), max(known)
    room = pad * (high - low) if high > low else abs(high) * 0.1 or 1.0
    if zero:
        return Scale(low - room if low < 0 else 0.0, high + room * (pad > 0) if high > 0 else 0.0)
    return Scale(max(0.0, low - room) if low >= 0 else low - room, high + room)


def _places(values: Sequence[float]) -> int:
    """Decimals that keep neighbours apart."""
    for places in range(7):
        if all(abs(v - round(v, places)) < 1e-9 * max(1.0, abs(v)) for v in values):
            return places
    return 6


def _short(value: float, places: int) -> str:
    for size, letter in ((1e9, "G"), (1e6, "M")):
        if abs(value) >= size:
            return f"{value / size:g}{letter}"
    return number(value, places)
