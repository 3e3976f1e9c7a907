"""Expressions over columns: a small closed set of operators, in NumPy and in the graph alike.

``columns: {ratio: "a / b"}`` of a specification and ``--existing "where(age > 60, 0.4, 0.1)"``
are read here. Nothing is ever run as Python: the text is parsed, and what is not on the list is
refused (contract 14). Only exactly rounded operations are on it (joints 3).

Numbers: ``+ - * /``, ``abs(x)``, ``sqrt(x)``, ``min(x, y)``, ``max(x, y)``; a missing operand makes
the result missing. Conditions: ``< <= > >= == !=``, ``and or not``, ``missing(x)``; a comparison
with something missing is false. ``where(condition, x, y)`` chooses. Texts are compared with
``==`` and ``!=``; dates are compared, subtracted (days), and written ``date("2024-05-01")``.
A column whose name is no plain word stands between backticks.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.core.errors import HeldoutError
from heldout.core.names import nearest
from heldout.primitives.operators import Graphed, Numeric, Operators
from heldout.tables.schema import Schema

if TYPE_CHECKING:
    from heldout.graph.tape import Tape
    from heldout.tables.table import Columns

Sort = Literal["number", "condition", "text", "date"]
LONGEST, DEEPEST = 1_000, 40  # characters; operators inside each other
ARITHMETIC = {ast.Add: "Add", ast.Sub: "Sub", ast.Mult: "Mul", ast.Div: "Div"}
COMPARISON = {
    ast.Lt: "Less", ast.LtE: "LessOrEqual", ast.Gt: "Greater", ast.GtE: "GreaterOrEqual",
    ast.Eq: "Equal", ast.NotEq: "NotEqual",
}  # fmt: skip
FUNCTIONS = {"abs": 1, "sqrt": 1, "min": 2, "max": 2, "where": 3, "missing": 1, "date": 1}
SORTS: dict[str, Sort] = {
    "number": "number", "boolean": "number", "category": "text", "text": "text", "date": "date",
}  # fmt: skip


@dataclass(frozen=True)
class Expression:
    """A parsed text; ``columns`` are the names that it reads, each once, in order.

    >>> found = parse("where(`net income` > 0, debt / `net income`, 0)")
    >>> found.columns
    ('net income', 'debt')
    >>> found.evaluate({"net income": np.array([2.0, -1.0]), "debt": np.array([1.0, 5.0])})
    array([0.5, 0. ])
    """

    text: str
    columns: tuple[str, ...]
    tree: ast.expr
    names: Mapping[str, str]

    def check(self, schema: Schema) -> None:
        """Raise H104 for a column that is not there, H102 where sorts do not fit."""
        for name in self.columns:
            if name not in schema:
                near = nearest(name, schema.names)
                raise HeldoutError(
                    "H104",
                    f'the expression "{self.text}" names "{name}", which is no column',
                    seen=f'the nearest name is "{near}"' if near else "",
                    why="an expression is computed from columns of the table",
                    do=[f'say "{near}" instead'] if near else [],
                )
        kinds = {name: schema[name].kind for name in self.columns}
        nothing = {
            n: np.empty(0, {"date": "i8", "category": "O", "text": "O"}.get(k, "f8"))
            for n, k in kinds.items()
        }
        self.evaluate(nothing, kinds)

    def evaluate(self, columns: Columns, kinds: Mapping[str, str] | None = None) -> Doubles:
        """The value of each row, (rows,); missing is NaN. Kinds default to those of the dtypes."""
        kinds = kinds or {n: _kind_of(columns[n]) for n in self.columns}
        rows = len(next(iter(columns.values()))) if columns else 0
        walker = _Walker(self, Numeric(rows), {n: columns[n] for n in self.columns}, kinds)
        return np.asarray(walker.number(self.tree), dtype=np.float64)

    def to_onnx(self, tape: Tape, inputs: Mapping[str, str], kinds: Mapping[str, str]) -> str:
        """The same on a tape: the name of a double [N, 1]."""
        return str(_Walker(self, Graphed(tape), inputs, kinds).number(self.tree))


def parse(text: str) -> Expression:
    """Read an expression; raises H102 with the place where it cannot be read."""
    names: dict[str, str] = {}

    def stand_in(match: re.Match[str]) -> str:
        name = f"column_{len(names)}_"
        names[name] = match[1]
        return f" {name} "

    plain = re.sub(r"`([^`]+)`", stand_in, str(text))
    if len(plain) > LONGEST:
        raise refused(text, f"it has {len(plain)} characters, at most {LONGEST} are read")
    try:
        tree = ast.parse(plain.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise refused(text, f"it cannot be read ({getattr(error, 'msg', '') or error})") from None
    found: list[str] = []
    _names(tree, names, found, text, 0)
    if not found:
        raise refused(text, "it names no column")
    return Expression(str(text), tuple(dict.fromkeys(found)), tree, names)


def is_name(text: str) -> bool:
    """Whether a text is a bare name, not an expression.

    >>> is_name("old_score"), is_name("old score"), is_name("a / b")
    (True, True, False)
    """
    return not re.search(r"[-+*/<>=()`]", text)


def computed(schema: Schema, columns: Columns) -> dict[str, Array]:
    """The columns that a schema computes, from those that are given; in order, so that one may
    build on those before it."""
    made = dict(columns)
    for column in schema.computed:
        found = parse(column.formula)
        kinds = {n: schema[n].kind for n in found.columns}
        made[column.name] = found.evaluate(made, kinds)
    return made


def computed_onnx(schema: Schema, tape: Tape, inputs: Mapping[str, str]) -> dict[str, str]:
    """The same in the graph: inputs by column, those computed added."""
    made = dict(inputs)
    for column in schema.computed:
        found = parse(column.formula)
        kinds = {n: schema[n].kind for n in found.columns}
        made[column.name] = found.to_onnx(tape, made, kinds)
    return made


def refused(text: str, seen: str) -> HeldoutError:
    """H102: an expression that is not of the small language."""
    return HeldoutError(
        "H102",
        f'the expression "{str(text)[:80]}" cannot be computed',
        seen=seen,
        why="expressions become part of the model's graph, so only a closed set of operators counts",
        do=["use + - * /, < <= > >= == !=, and or not, abs sqrt min max where missing date"],
    )


def _names(
    node: ast.AST, names: Mapping[str, str], found: list[str], text: str, depth: int
) -> None:
    """Collect the columns, and refuse all that is not of the language."""
    if depth > DEEPEST:
        raise refused(text, f"more than {DEEPEST} operators inside each other")
    match node:
        case ast.Name(id=name):
            found.append(names.get(name, name))
            return
        case ast.Constant(value=value) if type(value) in (int, float, str):
            return
        case ast.Call(func=ast.Name(id=name), args=parts, keywords=[]):
            if name not in FUNCTIONS:
                near = nearest(name, FUNCTIONS)
                raise refused(
                    text, f'there is no function "{name}"' + (f"; {near}?" if near else "")
                )
            if len(parts) != FUNCTIONS[name]:
                raise refused(text, f"{name} takes {FUNCTIONS[name]} values, not {len(parts)}")
        case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
            parts = [left, right]
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() | ast.Not(), operand=operand):
            parts = [operand]
        case ast.BoolOp(values=values):
            parts = values
        case ast.Compare(left=left, ops=ops, comparators=rest) if all(
            type(op) in COMPARISON for op in ops
        ):
            parts = [left, *rest]
        case _:
            raise refused(text, f"{type(node).__name__} is not part of the language")
    for part in parts:
        _names(part, names, found, text, depth + 1)


def _kind_of(values: Array) -> str:
    return {"O": "category", "i": "date"}.get(values.dtype.kind, "number")


@dataclass(frozen=True)
class _Walker:
    """Goes through a parsed expression with one set of operators."""

    source: Expression
    ops: Operators
    columns: Mapping[str, Any]
    kinds: Mapping[str, str]

    def number(self, node: ast.expr) -> Any:
        """A number; a condition counts 1 or 0."""
        return self._number(*self.any(node))

    def _number(self, sort: Sort, value: Any) -> Any:
        if sort == "condition":
            return self.ops.where(value, self.ops.constant(1.0), self.ops.constant(0.0))
        if sort != "number":
            raise refused(self.source.text, f"a {sort} stands where a number is needed")
        return value

    def condition(self, node: ast.expr) -> Any:
        """A condition; a number holds where it is neither 0 nor missing."""
        sort, value = self.any(node)
        if sort == "number":
            return self._compared("NotEqual", "number", value, self.ops.constant(0.0))
        if sort != "condition":
            raise refused(self.source.text, f"a {sort} stands where a condition is needed")
        return value

    def any(self, node: ast.expr) -> tuple[Sort, Any]:
        """Sort and value of a part."""
        ops = self.ops
        match node:
            case ast.Name(id=name):
                return self._column(self.source.names.get(name, name))
            case ast.Constant(value=str(text)):
                return "text", ops.text(text)
            case ast.Constant(value=value):
                return "number", ops.constant(float(value))  # type: ignore[arg-type]
            case ast.UnaryOp(op=ast.Not(), operand=part):
                return "condition", ops.negated(self.condition(part))
            case ast.UnaryOp(op=ast.USub(), operand=part):
                return "number", ops.arithmetic("Sub", ops.constant(0.0), self.number(part))
            case ast.UnaryOp(operand=part):
                return "number", self.number(part)
            case ast.BoolOp(op=op, values=parts):
                value = self.condition(parts[0])
                for part in parts[1:]:
                    kind = "And" if isinstance(op, ast.And) else "Or"
                    value = ops.joined(kind, value, self.condition(part))
                return "condition", value
            case ast.Compare(left=left, ops=signs, comparators=rest):
                return "condition", self._comparison([left, *rest], signs)
            case ast.BinOp(left=left, op=op, right=right):
                return "number", self._binary(ARITHMETIC[type(op)], left, right)
            case ast.Call(func=ast.Name(id=name), args=parts):
                return self._call(name, parts)
        raise refused(self.source.text, f"{type(node).__name__} is not part of the language")

    def _column(self, name: str) -> tuple[Sort, Any]:
        kind = self.kinds[name]
        if kind not in SORTS:
            raise refused(self.source.text, f'"{name}" is of kind {kind}')
        value = self.columns[name]
        return SORTS[kind], self.ops.days(value) if kind == "date" else value

    def _comparison(self, parts: list[ast.expr], signs: list[ast.cmpop]) -> Any:
        values = [self.any(part) for part in parts]
        whole = None
        for (a, left), (b, right), sign in zip(values, values[1:], signs, strict=False):
            if (
                a != b
                or a == "condition"
                or (a == "text" and type(sign) not in (ast.Eq, ast.NotEq))
            ):
                raise refused(self.source.text, f"a {a} is compared with a {b}")
            held = self._compared(COMPARISON[type(sign)], a, left, right)
            whole = held if whole is None else self.ops.joined("And", whole, held)
        return whole

    def _compared(self, kind: str, sort: Sort, a: Any, b: Any) -> Any:
        ops = self.ops
        held = ops.negated(ops.compared("Equal", a, b)) if kind == "NotEqual" else None
        if held is None:
            held = ops.compared(kind, a, b)
        lacks = ops.joined("Or", ops.lacks(a, sort == "text"), ops.lacks(b, sort == "text"))
        return ops.joined("And", held, ops.negated(lacks))

    def _binary(self, kind: str, left: ast.expr, right: ast.expr) -> Any:
        (a, x), (b, y) = self.any(left), self.any(right)
        if kind == "Sub" and a == b == "date":
            return self.ops.arithmetic("Sub", x, y)
        return self.ops.arithmetic(kind, self._number(a, x), self._number(b, y))

    def _call(self, name: str, parts: list[ast.expr]) -> tuple[Sort, Any]:
        ops = self.ops
        if name == "where":
            return "number", ops.where(self.condition(parts[0]), *map(self.number, parts[1:]))
        if name == "missing":
            sort, value = self.any(parts[0])
            return "condition", ops.lacks(value, sort == "text")
        if name == "date":
            return "date", ops.constant(self._day(parts[0]))
        values = [self.number(part) for part in parts]
        if name in ("abs", "sqrt"):
            return "number", ops.function(name, values[0])
        a, b = values
        first = ops.compared("GreaterOrEqual" if name == "max" else "LessOrEqual", a, b)
        lacks = ops.joined("Or", ops.lacks(a), ops.lacks(b))
        found = ops.where(lacks, ops.constant(float("nan")), ops.where(first, a, b))
        return "number", found

    def _day(self, node: ast.expr) -> float:
        """Days since 1970 of a date that is written out."""
        day: Any
        try:
            day = np.datetime64(str(getattr(node, "value", "")), "D")
        except ValueError:
            day = np.datetime64("NaT", "D")
        if np.isnat(day):
            raise refused(self.source.text, 'a date is written date("2024-05-01")')
        return float(day.astype(np.int64))
