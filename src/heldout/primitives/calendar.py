"""Parts of dates in whole numbers, in NumPy and in the graph.

Microseconds since 1970-01-01 UTC, any int64; the proleptic Gregorian calendar, no leap seconds.
Days become year, month and day by the method of Howard Hinnant, "chrono-compatible low-level
date algorithms" (2014).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from heldout.core.arrays import Array, Ints
from heldout.tables.schema import NULL_DATE

if TYPE_CHECKING:
    from heldout.graph.tape import Tape

PARTS = ("year", "month", "day", "weekday", "hour", "minute", "days")
DAY, HOUR, MINUTE = 86_400_000_000, 3_600_000_000, 60_000_000
NAN = np.float32("nan")


def whole_parts(moments: Ints) -> dict[str, Ints]:
    """Year, month 1-12, day 1-31, weekday 0-6 (Monday 0), hour, minute; missing dates give the
    parts of 1970-01-01.

    >>> parts = whole_parts(np.array([951_782_400_000_000 - 1]))
    >>> {name: int(values[0]) for name, values in parts.items()}
    {'year': 2000, 'month': 2, 'day': 28, 'weekday': 0, 'hour': 23, 'minute': 59}
    """
    moments = np.where(moments == NULL_DATE, 0, moments)
    days = moments // DAY
    year, month, day = _civil(days)
    return {
        "year": year,
        "month": month,
        "day": day,
        "weekday": (days + 3) % 7,
        "hour": moments // HOUR % 24,
        "minute": moments // MINUTE % 60,
    }


def _civil(days: Ints) -> tuple[Ints, Ints, Ints]:
    """Year, month and day of days since 1970-01-01."""
    shifted = days + 719_468
    era = shifted // 146_097
    in_era = shifted - era * 146_097
    of_era = (in_era - in_era // 1_460 + in_era // 36_524 - in_era // 146_096) // 365
    in_year = in_era - (365 * of_era + of_era // 4 - of_era // 100)
    shifted_month = (5 * in_year + 2) // 153
    day = in_year - (153 * shifted_month + 2) // 5 + 1
    month = np.where(shifted_month < 10, shifted_month + 3, shifted_month - 9)
    return of_era + era * 400 + (month <= 2), month, day


def numbers(moments: Ints) -> dict[str, Array]:
    """All PARTS as float32, missing dates NaN; "days" is days since 1970 with their fraction."""
    missing = moments == NULL_DATE
    parts: dict[str, Array] = dict(whole_parts(moments))
    parts["days"] = moments.astype(np.float64) / float(DAY)
    return {name: np.where(missing, NAN, p.astype(np.float32)) for name, p in parts.items()}


class _Whole:
    """Whole-number arithmetic on a tape, written the way of NumPy."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape

    def const(self, value: int) -> str:
        return self.tape.const(np.int64(value))

    def plus(self, a: str, value: int) -> str:
        return self.tape.op("Add", a, self.const(value))

    def times(self, a: str, value: int) -> str:
        return self.tape.op("Mul", a, self.const(value))

    def cut(self, a: str, value: int) -> str:
        """Division that rounds towards zero: right where ``a`` is not negative."""
        return self.tape.op("Div", a, self.const(value))

    def rest(self, a: str, value: int) -> str:
        """Modulo with the sign of the divisor, as in Python."""
        return self.tape.op("Mod", a, self.const(value))

    def floor(self, a: str, value: int) -> str:
        """Division that rounds down. (a - a mod d) / d would overflow at the edge of int64."""
        tape = self.tape
        negative = tape.op("Less", a, self.const(0))
        exact = tape.op("Equal", self.rest(a, value), self.const(0))
        short = tape.op("And", negative, tape.op("Not", exact))
        return tape.op("Sub", self.cut(a, value), tape.cast(short, "int64"))


def whole_parts_onnx(tape: Tape, name: str) -> tuple[str, dict[str, Callable[[], str]]]:
    """Where dates are missing (bool), and makers of the parts (int64), each [N, 1]."""
    w = _Whole(tape)
    missing = tape.op("Equal", name, w.const(NULL_DATE))
    moments = tape.op("Where", missing, w.const(0), name)
    days = w.floor(moments, DAY)
    return missing, {
        "year": lambda: _civil_onnx(w, days)[0],
        "month": lambda: _civil_onnx(w, days)[1],
        "day": lambda: _civil_onnx(w, days)[2],
        "weekday": lambda: w.rest(w.plus(days, 3), 7),
        "hour": lambda: w.rest(w.floor(moments, HOUR), 24),
        "minute": lambda: w.rest(w.floor(moments, MINUTE), 60),
    }


def _civil_onnx(w: _Whole, days: str) -> tuple[str, str, str]:
    """``_civil`` on a tape; the tape writes equal nodes once."""
    op = w.tape.op
    shifted = w.plus(days, 719_468)
    era = w.floor(shifted, 146_097)
    in_era = op("Sub", shifted, w.times(era, 146_097))
    of_era = op("Sub", in_era, w.cut(in_era, 1_460))
    of_era = op("Add", of_era, w.cut(in_era, 36_524))
    of_era = w.cut(op("Sub", of_era, w.cut(in_era, 146_096)), 365)
    before = op("Add", w.times(of_era, 365), w.cut(of_era, 4))
    in_year = op("Sub", in_era, op("Sub", before, w.cut(of_era, 100)))
    shifted_month = w.cut(w.plus(w.times(in_year, 5), 2), 153)
    first = w.cut(w.plus(w.times(shifted_month, 153), 2), 5)
    day = w.plus(op("Sub", in_year, first), 1)
    late = op("Less", shifted_month, w.const(10))
    month = op("Where", late, w.plus(shifted_month, 3), w.plus(shifted_month, -9))
    early = w.tape.cast(op("LessOrEqual", month, w.const(2)), "int64")
    year = op("Add", op("Add", of_era, w.times(era, 400)), early)
    return year, month, day


def number_onnx(tape: Tape, name: str, part: str) -> str:
    """One of PARTS as float [N, 1], missing dates NaN."""
    missing, makers = whole_parts_onnx(tape, name)
    if part == "days":
        days = tape.op("Div", tape.cast(name, "double"), tape.const(np.float64(DAY)))
        value = tape.cast(days, "float")
    else:
        value = tape.cast(makers[part](), "float")
    return tape.op("Where", missing, tape.const(NAN), value)
