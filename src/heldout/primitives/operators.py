"""The operators of expressions, twice: on arrays and on a tape; both give the same bits.

Conditions are booleans, numbers doubles with NaN for missing, texts strings with ``NULL`` for
missing, dates days since 1970 as doubles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.tables.schema import NULL, NULL_DATE

if TYPE_CHECKING:
    from heldout.graph.tape import Tape

MICROSECONDS = 86_400_000_000.0  # of a day


class Operators(Protocol):
    """What an expression is made of; values are arrays or names on a tape."""

    def constant(self, value: float) -> Any: ...
    def text(self, value: str) -> Any: ...
    def days(self, value: Any) -> Any: ...
    def arithmetic(self, kind: str, a: Any, b: Any) -> Any: ...
    def function(self, name: str, a: Any) -> Any: ...
    def compared(self, kind: str, a: Any, b: Any) -> Any: ...
    def joined(self, kind: str, a: Any, b: Any) -> Any: ...
    def negated(self, a: Any) -> Any: ...
    def lacks(self, a: Any, text: bool = False) -> Any: ...
    def where(self, condition: Any, a: Any, b: Any) -> Any: ...


class Numeric:
    """On arrays of shape (rows,)."""

    def __init__(self, rows: int) -> None:
        self.rows = rows

    def constant(self, value: float) -> Doubles:
        return np.full(self.rows, value)

    def text(self, value: str) -> Array:
        made = np.empty(self.rows, dtype=object)
        made[:] = value
        return made

    def days(self, value: Array) -> Doubles:
        known = value != NULL_DATE
        return np.where(known, value.astype(np.float64) / MICROSECONDS, np.nan)

    def arithmetic(self, kind: str, a: Doubles, b: Doubles) -> Doubles:
        ways = {"Add": np.add, "Sub": np.subtract, "Mul": np.multiply, "Div": np.divide}
        if kind == "Div":  # a zero has no sign: not every operator of a graph keeps it
            b = np.where(b == 0, 0.0, b)
        with np.errstate(all="ignore"):
            return np.asarray(ways[kind](a, b))

    def function(self, name: str, a: Doubles) -> Doubles:
        with np.errstate(all="ignore"):
            return np.asarray(np.abs(a) if name == "abs" else np.sqrt(a))

    def compared(self, kind: str, a: Array, b: Array) -> Array:
        ways = {
            "Less": np.less, "LessOrEqual": np.less_equal, "Greater": np.greater,
            "GreaterOrEqual": np.greater_equal, "Equal": np.equal,
        }  # fmt: skip
        return np.asarray(ways[kind](a, b), dtype=bool)

    def joined(self, kind: str, a: Array, b: Array) -> Array:
        return a & b if kind == "And" else a | b

    def negated(self, a: Array) -> Array:
        return np.asarray(~a)

    def lacks(self, a: Array, text: bool = False) -> Array:
        return np.asarray(a == NULL, dtype=bool) if text else np.isnan(a)

    def where(self, condition: Array, a: Doubles, b: Doubles) -> Doubles:
        return np.where(condition, a, b)


class Graphed:
    """On a tape: values are names of [N, 1] tensors; constants are [1, 1] and stretch."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape

    def constant(self, value: float) -> str:
        return self.tape.const(np.array([[value]], dtype=np.float64))

    def text(self, value: str) -> str:
        made = np.empty((1, 1), dtype=object)
        made[0, 0] = value
        return self.tape.const(made)

    def days(self, value: str) -> str:
        unknown = self.tape.const(np.array([[NULL_DATE]], dtype=np.int64))
        days = self.tape.op("Div", self.tape.cast(value, "double"), self.constant(MICROSECONDS))
        gap = self.tape.op("Equal", value, unknown)
        return self.tape.op("Where", gap, self.constant(float("nan")), days)

    def arithmetic(self, kind: str, a: str, b: str) -> str:
        if kind == "Div":
            zero = self.constant(0.0)
            b = self.tape.op("Where", self.tape.op("Equal", b, zero), zero, b)
        return self.tape.op(kind, a, b)

    def function(self, name: str, a: str) -> str:
        return self.tape.op("Abs" if name == "abs" else "Sqrt", a)

    def compared(self, kind: str, a: str, b: str) -> str:
        return self.tape.op(kind, a, b)

    def joined(self, kind: str, a: str, b: str) -> str:
        return self.tape.op(kind, a, b)

    def negated(self, a: str) -> str:
        return self.tape.op("Not", a)

    def lacks(self, a: str, text: bool = False) -> str:
        return self.tape.op("Equal", a, self.text(NULL)) if text else self.tape.op("IsNaN", a)

    def where(self, condition: str, a: str, b: str) -> str:
        return self.tape.op("Where", condition, a, b)
