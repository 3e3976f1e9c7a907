"""How many digits a number gets: equally many for what stands side by side, everywhere.

Scores have three decimals; a number in the target's unit has about three significant digits; an
interval that would collapse gets more digits. The same in every locale.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

NONE = "not known"
MOST = 6  # decimals; beyond it scientific notation is plainer


def decimals(value: float, others: Iterable[float | None] = (), *, of_target: bool = False) -> int:
    """How many decimals ``value`` and the numbers beside it need.

    >>> decimals(0.845, [0.822, 0.866]), decimals(412.3, [398.0, 427.0], of_target=True)
    (3, 0)
    >>> decimals(0.99991, [0.99985, 0.99995])
    5
    """
    seen = [abs(x) for x in (value, *others) if x is not None and math.isfinite(x)]
    if not seen:
        return 3
    if of_target:
        size = abs(value) or max(seen)
        places = 2 - math.floor(math.log10(size)) if size > 0 else 3
    else:
        places = 3
    spread = max(seen) - min(seen)
    beside = [x for x in others if x is not None]
    if len(beside) >= 2:
        spread = abs(beside[1] - beside[0])
    if spread > 0:
        places = max(places, math.ceil(-math.log10(spread)) if spread < 1 else 0)
    return max(0, min(MOST, places))


def number(value: float | None, places: int) -> str:
    """A number with commas and ``places`` decimals.

    >>> number(1409, 0), number(0.8449, 3), number(-0.0001, 3), number(None, 3)
    ('1,409', '0.845', '0.000', 'not known')
    """
    if value is None or not math.isfinite(value):
        return NONE
    if value != 0 and (abs(value) >= 1e12 or (abs(value) < 0.5 * 10**-MOST and places >= MOST)):
        return f"{value:.2e}"
    text = f"{value:,.{places}f}"
    return text[1:] if text.startswith("-") and not text.strip("-0.,") else text


@dataclass(frozen=True)
class Digits:
    """Writes the numbers of one headline, all with equally many decimals."""

    places: int

    def __call__(self, value: float | None) -> str:
        return number(value, self.places)
