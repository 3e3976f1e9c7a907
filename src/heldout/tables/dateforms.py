"""The closed set of written dates, each a regular expression over ASCII digits.

The same expressions serve Python, Polars and JavaScript, so that a date means the same instant
everywhere; strptime is not used (its rules differ between platforms and libraries). A time without
a zone is UTC. Standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
LONG_MONTHS = (
    *("january", "february", "march", "april", "june", "july", "august", "september"),
    *("october", "november", "december", "sept"),
)
DAY = 86_400_000_000
PIVOT = 69  # two-digit years from 69 on are 19xx
PARTS = {
    "%Y": r"(?P<Y>[0-9]{4})",
    "%y": r"(?P<y>[0-9]{2})",
    "%m": r"(?P<m>[0-9]{1,2})",
    "%d": r"(?P<d>[0-9]{1,2})",
    "%b": r"(?P<b>[A-Za-z]{3,9})\.?",
    "%q": r"(?P<q>[1-4])",
}
CLOCK = (
    r"(?P<H>[0-9]{1,2}):(?P<M>[0-9]{2})(?::(?P<S>[0-9]{2})(?:[.,](?P<f>[0-9]{1,9}))?)?"
    r"(?: ?(?P<p>[AaPp])[Mm])?(?: ?(?P<z>[Zz]|UTC|[+-][0-9]{2}(?::?[0-9]{2})?))?"
)
FORMS = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d"),
    *("%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%Y", "%m.%d.%Y"),
    *("%d/%m/%y", "%m/%d/%y", "%d-%m-%y", "%m-%d-%y", "%d.%m.%y"),
    *("%d %b %Y", "%d-%b-%Y", "%b %d, %Y", "%b %d %Y", "%d-%b-%y", "%b-%Y", "%b %Y", "%b-%y"),
    *("%Y-%m", "%Y/%m", "%Y %b", "%Y-%b", "%Y Q%q", "%Y-Q%q", "%YQ%q", "%H:%M"),
)
"""Tried in this order. All but those without a day may be followed by a time of day."""
NUMERIC_FORMS = ("%Y%m%d", "epoch_s", "epoch_ms", "%Y")
"""Never guessed from values alone."""


def pattern(form: str) -> str:
    """The regular expression of a form, with named groups Y y m d b q H M S f p z."""
    if form == "%H:%M":
        return CLOCK
    if form == "%Y%m%d":
        return r"(?P<Y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})(?:\.0*)?"
    if form == "%Y":
        return r"(?P<Y>[0-9]{4})(?:\.0*)?"
    if form in ("epoch_s", "epoch_ms"):
        return r"(?P<e>[+-]?[0-9]{1,15})(?:\.(?P<f>[0-9]{0,9}))?"
    made = form.replace(".", r"\.")
    for part, group in PARTS.items():
        made = made.replace(part, group)
    return made + (rf"(?:(?:[Tt ]|, ?){CLOCK})?" if "%d" in form else "")


def days_from_civil(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 in the Gregorian calendar (Hinnant's algorithm)."""
    year -= month <= 2
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def month_length(year: int, month: int) -> int:
    """Days of a month."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


@cache
def parser(form: str) -> Callable[[str], int | None]:
    """The function that reads a stripped text of this form to microseconds UTC, or None.

    >>> parser("%d/%m/%Y")("05/02/2010 06:00"), parser("%Y-%m-%d")("2010-02-30")
    (1265349600000000, None)
    """
    match = re.compile(pattern(form)).fullmatch
    if form in ("epoch_s", "epoch_ms"):
        unit = 1_000_000 if form == "epoch_s" else 1_000

        def epoch(text: str) -> int | None:
            found = match(text)
            if found is None:
                return None
            part = int((found["f"] or "0").ljust(9, "0")) * unit // 1_000_000_000
            at = int(found["e"]) * unit + (-part if text.startswith("-") else part)
            return at if FIRST <= at <= LAST else None

        return epoch

    def parse(text: str) -> int | None:
        found = match(text)
        return None if found is None else _instant(found.groupdict())

    return parse


FIRST = days_from_civil(1, 1, 1) * DAY
LAST = days_from_civil(9999, 12, 31) * DAY + DAY - 1


def _instant(part: dict[str, str | None]) -> int | None:
    """Microseconds of matched groups; None where there is no such day or time."""
    day = _day(part)
    if day is None:
        return None
    if part.get("H") is None:
        return day * DAY
    hour, minute, second = int(part["H"] or 0), int(part["M"] or 0), int(part["S"] or 0)
    if part["p"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if part["p"] in "Pp" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    at = day * DAY + ((hour * 60 + minute) * 60 + second) * 1_000_000
    at += int((part["f"] or "0").ljust(9, "0")) // 1_000
    zone = part["z"]
    if zone and zone[0] in "+-":
        minutes = int(zone[1:3]) * 60 + int(zone[3:].lstrip(":") or 0)
        if minutes > 18 * 60 or int(zone[3:].lstrip(":") or 0) > 59:
            return None
        at -= (minutes if zone[0] == "+" else -minutes) * 60_000_000
    return at if FIRST <= at <= LAST else None


def _day(part: dict[str, str | None]) -> int | None:
    """Days since 1970-01-01; 0 for a time of day alone."""
    if part.get("Y") is not None:
        year = int(part["Y"] or 0)
    elif part.get("y") is not None:
        short = int(part["y"] or 0)
        year = short + (1900 if short >= PIVOT else 2000)
    else:
        return 0
    month = 1
    if part.get("b"):
        name = (part["b"] or "").lower()
        if name not in MONTHS and name not in LONG_MONTHS:
            return None
        month = MONTHS.index(name[:3]) + 1
    elif part.get("m") is not None:
        month = int(part["m"] or 0)
    elif part.get("q") is not None:
        month = 3 * int(part["q"] or 0) - 2
    day = 1 if part.get("d") is None else int(part["d"] or 0)
    if year < 1 or not 1 <= month <= 12 or not 1 <= day <= month_length(year, month):
        return None
    return days_from_civil(year, month, day)
