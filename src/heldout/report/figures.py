"""Numbers as every screen shows them: equally many digits for what stands side by side.

Scores have three decimals, counts and money none; a number in the target's unit has about three
significant digits; an interval that would collapse gets more digits. The same in every locale.
"""

from __future__ import annotations

from collections.abc import Iterable

from heldout.core.digits import MOST, NONE, Digits, decimals, number
from heldout.core.names import count

__all__ = [
    "MOST", "NONE", "Digits", "bare_percent", "decimals", "listed", "number", "percent", "percents",
    "seconds", "size", "times",
]  # fmt: skip


def percent(share: float | None) -> str:
    """A share as whole percent; one decimal below 10 % and above 99 %.

    >>> percent(0.661), percent(0.0312), percent(0.9966), percent(1.0), percent(0.0)
    ('66 %', '3.1 %', '99.7 %', '100 %', '0 %')
    """
    return NONE if share is None else f"{bare_percent(share)} %"


def bare_percent(share: float) -> str:
    """The same without the sign, for ranges: 61 to 71 %."""
    hundred = 100 * share
    if 0 < hundred < 0.05:
        return f"{max(hundred, 0.01):.2f}"
    if 0 < hundred < 9.95 or 99 < hundred < 99.95:
        return f"{hundred:.1f}"
    return f"{hundred:.0f}"


def percents(low: float, high: float) -> str:
    """Two ends in percent.

    >>> percents(0.61, 0.71)
    '61 to 71 %'
    >>> percents(0.0, 0.0004)
    '0 to 0.04 %'
    """
    return f"{bare_percent(low)} to {bare_percent(high)} %"


def size(n: float | None) -> str:
    """Bytes in words.

    >>> size(1_900_000), size(812), size(64_200)
    ('1.9 MB', '812 bytes', '64 kB')
    """
    if n is None:
        return NONE
    if n < 1000:
        return f"{n:.0f} bytes"
    for unit, scale in (("kB", 1e3), ("MB", 1e6), ("GB", 1e9)):
        if n < 1000 * scale or unit == "GB":
            amount = n / scale
            return (
                f"{amount:.1f} {unit}" if amount < 10 and unit != "kB" else f"{amount:.0f} {unit}"
            )
    return NONE


def seconds(amount: float | None) -> str:
    """A duration: 58.4 s, 250 s, 0.02 s.

    >>> seconds(58.42), seconds(250.3), seconds(0.021)
    ('58.4 s', '250 s', '0.02 s')
    """
    if amount is None:
        return NONE
    places = 0 if amount >= 100 else 1 if amount >= 1 else 2
    return f"{amount:.{places}f} s"


def times(n: int) -> str:
    """once, twice, 3 times.

    >>> times(1), times(2), times(3)
    ('once', 'twice', '3 times')
    """
    return {1: "once", 2: "twice"}.get(n, f"{count(n)} times")


def listed(names: Iterable[str], last: str = "and") -> str:
    """Words in a row.

    >>> listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])
    ('a', 'a and b', 'a, b and c')
    """
    words = list(names)
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def some(names: Iterable[str], most: int = 3) -> str:
    """The first few words in a row, and how many more.

    >>> some("abc"), some("abcdefg")
    ('a, b and c', 'a, b, c and 4 more')
    """
    words = list(names)
    if len(words) > most + 1:
        words = [*words[:most], f"{len(words) - most} more"]
    return listed(words)
