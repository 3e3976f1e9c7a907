"""The step of a series: from its times to the next ones, and how long a season is.

NumPy only: answering uses it too. A time is a whole number of microseconds UTC (dates), a float
(numbers) or the place of a row.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from heldout.core.arrays import Array, Ints
from heldout.tables.dateforms import days_from_civil, month_length

SECOND = 1_000_000
DAY = 86_400 * SECOND
WORKING_DAY = "working day"
SEASONS = {"month": 12, "quarter": 4, "year": 1, "week": 52, "day": 7, "weekday": 5, "hour": 24}
UNITS = {"week": 7 * DAY, "day": DAY, "hour": 3_600 * SECOND, "minute": 60 * SECOND}


@dataclass(frozen=True)
class Step:
    """``kind`` "months" (calendar months), "micros" (microseconds) or "plain" (numbers, rows);
    ``size`` how many of them; ``name`` a word for it; ``season`` steps of a season, 1 for none."""

    kind: str
    size: float
    name: str
    season: int

    def as_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {"kind": self.kind, "size": self.size, "name": self.name, "season": self.season}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Step:
        """The inverse of ``as_dict``."""
        return cls(data["kind"], float(data["size"]), data["name"], int(data["season"]))

    def after(self, last: float, count: int) -> list[float]:
        """The next ``count`` times after ``last``."""
        if self.name == WORKING_DAY:
            days = (last + DAY * k for k in range(1, 2 * count + 3))
            return [t for t in days if moment(int(t)).weekday() < 5][:count]
        if self.kind == "months":
            return [add_months(int(last), int(self.size) * k) for k in range(1, count + 1)]
        if self.kind == "micros":
            return [int(last) + int(self.size) * k for k in range(1, count + 1)]
        return [last + self.size * k for k in range(1, count + 1)]


def of_dates(times: Ints) -> Step:
    """The step of dates in order: calendar months where every date is of the same day of its
    month, else the commonest difference.

    >>> day = 86_400_000_000
    >>> of_dates(np.array([0, 31, 59, 90]) * day)
    Step(kind='months', size=1, name='month', season=12)
    >>> of_dates(np.array([0, 1, 2, 4]) * day).name
    'day'
    """
    if len(times) < 2:
        return Step("plain", 1.0, "step", 1)
    civil = [moment(int(t)) for t in times]
    if len({(c.day, c.time()) for c in civil}) == 1:
        months = np.diff([c.year * 12 + c.month for c in civil])
        size = _commonest(months)
        if size > 0:
            name = {1: "month", 3: "quarter", 12: "year"}.get(size, f"{size} months")
            season = 12 // size if 12 % size == 0 else 1
            return Step("months", size, name, season)
    size = _commonest(np.diff(times))
    if size <= 0:
        return Step("plain", 1.0, "step", 1)
    if size == DAY and not any(c.weekday() > 4 for c in civil):
        return Step("micros", DAY, WORKING_DAY, SEASONS["weekday"])
    for name, unit in UNITS.items():
        if size == unit:
            return Step("micros", size, name, SEASONS.get(name, 60))
    season = DAY // size if size < DAY and DAY % size == 0 else 1
    return Step("micros", size, f"{size / SECOND:g} seconds", int(season))


def of_numbers(times: Array) -> Step:
    """The step of numbers in order; no season is known.

    >>> of_numbers(np.array([1749.0, 1750.0, 1751.0])).size
    1.0
    """
    size = float(np.median(np.diff(times))) if len(times) > 1 else 1.0
    return Step("plain", size if size > 0 else 1.0, "step", 1)


def _commonest(differences: Ints) -> int:
    values, counts = np.unique(differences, return_counts=True)
    return int(values[np.argmax(counts)])


def moment(micros: int) -> datetime.datetime:
    """Microseconds UTC as a datetime without a zone.

    >>> moment(-1)
    datetime.datetime(1969, 12, 31, 23, 59, 59, 999999)
    """
    return datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=micros)  # noqa: DTZ001


def add_months(micros: int, months: int) -> int:
    """The same day some months later; the last of the month where there is no such day.

    >>> moment(add_months(2_592_000_000_000, 1)).isoformat()  # 31 January 1970
    '1970-02-28T00:00:00'
    """
    days, rest = divmod(micros, DAY)
    date = moment(days * DAY)
    at = date.year * 12 + date.month - 1 + months
    year, month = divmod(at, 12)
    day = min(date.day, month_length(year, month + 1))
    return days_from_civil(year, month + 1, day) * DAY + rest


def written(time: float, kind: str) -> str:
    """A time as it is written in answers: ISO 8601 for dates, without midnight.

    >>> written(0, "date"), written(5.0, "number")
    ('1970-01-01', '5')
    """
    if kind != "date":
        return str(int(time)) if float(time).is_integer() else repr(float(time))
    text = moment(int(time)).isoformat()
    return text.removesuffix("T00:00:00")
