"""One graph input per raw column (joints 5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from heldout.graph.tape import Tape

DTYPES = {
    "number": "double",
    "boolean": "double",
    "category": "string",
    "text": "string",
    "date": "int64",
    "image": "uint8",
}
"""Tensor type of a column kind; see ``tables.table.Columns`` for missing values."""

RESERVED = frozenset(
    {"", "probability", "prediction", "decision", "lower", "upper", "prediction_set"}
)
"""Names of graph outputs (and the empty name): a column called so enters under another name."""


class _Column(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def size(self) -> tuple[int, ...]: ...


class _Schema(Protocol):
    @property
    def inputs(self) -> Iterable[_Column]: ...


def input_name(column: str) -> str:
    """The graph input of a column: its own name, unless an output is called so.

    >>> input_name("age"), input_name("decision")
    ('age', 'column:decision')
    """
    return f"column:{column}" if column in RESERVED else column


def declare(tape: Tape, schema: _Schema) -> dict[str, str]:
    """Declare an input [N, 1] for every input column, [N, height, width, 3] for pictures;
    returns input names by column name.

    Call it before anything else is written on the tape. Columns of a kind that the graph cannot
    take are left out.
    """
    return {
        column.name: tape.input(input_name(column.name), DTYPES[column.kind], _shape(column))
        for column in schema.inputs
        if column.kind in DTYPES
    }


def _shape(column: _Column) -> tuple[int | None, ...]:
    return (None, *column.size, 3) if column.kind == "image" else (None, 1)
