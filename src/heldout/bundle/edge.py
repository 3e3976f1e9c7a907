"""The edge rule for one record: JSON values or texts to the typed arrays that the graph takes.

NumPy and ``tables.schema`` only, no Polars: a service answers its first row without loading it.
The rule is written in ``docs/edge.md``; the bulk way (``tables.apply``) is held to the same results.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from heldout.core.arrays import Array
from heldout.core.errors import HeldoutError
from heldout.core.names import nearest, quoted
from heldout.tables.cell import BLANKS, Refused, Typed, text_of
from heldout.tables.kind import KINDS
from heldout.tables.kinds.number import PLAIN
from heldout.tables.refusal import Refusal
from heldout.tables.schema import Column, Schema

LONGEST, SHORT = 200, 40  # characters of a refused value, of a refused picture, that are told
IN_TEXT = "a picture as base64 text (JPEG, PNG, GIF, BMP, TIFF or WebP)"


@dataclass(frozen=True)
class _Field:
    column: Column
    read: Callable[[str], Typed]
    missing: float | int | str
    dtype: str
    straight: bool  # JSON numbers need no text
    standard: Callable[[str], str] | None


class Edge:
    """The rule of one schema, made ready once: ``Edge(schema).row(record)``."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._fields = [_field(column) for column in schema.inputs]

    def row(self, record: Mapping[str, object]) -> tuple[dict[str, Array], list[Refusal]]:
        """Arrays of shape (1,) by column, and the cells that were refused (missing there).

        Raises H310 where a needed field is not in the record; null is missing.
        """
        arrays: dict[str, Array] = {}
        refused: list[Refusal] = []
        for field in self._fields:
            name = field.column.name
            try:
                given = record[name]
            except KeyError:
                raise self._lacks(record) from None
            if field.column.kind == "image":
                arrays[name], seen = _picture(given, field.column)
                if not seen:
                    refused.append(Refusal(0, 0, name, str(given)[:SHORT], IN_TEXT))
                continue
            value = _typed(given, field)
            if isinstance(value, Refused):
                expected = KINDS.get(field.column.kind).expected(field.column)
                refused.append(Refusal(0, 0, name, str(given)[:LONGEST], expected))
                value = None
            array = np.empty(1, field.dtype)
            if isinstance(value, str) and field.standard is not None:
                value = field.standard(value)
            array[0] = field.missing if value is None else value
            arrays[name] = array
        return arrays, refused

    def _lacks(self, record: Mapping[str, object]) -> HeldoutError:
        missing = [f.column.name for f in self._fields if f.column.name not in record]
        free = [name for name in record if name not in self.schema]
        near = nearest(missing[0], free)
        return HeldoutError(
            "H310",
            f'the record lacks "{missing[0]}"'
            + (f" and {len(missing) - 1} more" if len(missing) > 1 else "")
            + f" of the {len(self._fields)} fields the model needs",
            seen=f"{len(record)} fields" + (f'; the nearest name is "{near}"' if near else ""),
            why="a field that is left out is not the same as one that is missing: say null",
            do=[f"send {quoted(missing[0])}, or null for it"],
        )


def _picture(given: object, column: Column) -> tuple[Array, bool]:
    """One picture uint8 [1, h, w, 3] sent as text or bytes, and whether it could be read. Never a
    path: a record may come over a network, and must not name files of this machine."""
    from heldout.tables.pictures import from_base64, from_bytes

    made = None
    if isinstance(given, str):
        made = from_base64(given, column)
    elif isinstance(given, bytes):
        made = from_bytes(given, column)
    black = np.zeros((1, *column.size, 3), dtype=np.uint8)
    return (black, False) if made is None else (made[None], True)


def _field(column: Column) -> _Field:
    card = KINDS.get(column.kind)
    coded = any(PLAIN.fullmatch(text) for text in column.missing)
    straight = column.kind == "number" and not coded
    return _Field(column, card.reader(column), card.missing, card.dtype, straight, card.standard)


def _typed(given: object, field: _Field) -> Typed:
    if isinstance(given, str):
        return field.read(given.strip(BLANKS))
    if field.straight and not isinstance(given, bool):
        if isinstance(given, float):
            return None if math.isnan(given) else float(given)
        if isinstance(given, int):
            try:
                return float(given)
            except OverflowError:
                return math.inf if given > 0 else -math.inf
    text = text_of(given)
    if text is None or isinstance(text, Refused):
        return text
    return field.read(text.strip(BLANKS))


_last: list[Edge] = []


def row(record: Mapping[str, object], schema: Schema) -> tuple[dict[str, Array], list[Refusal]]:
    """One record by the rule of ``schema``; see ``Edge.row``.

    >>> from heldout.tables.schema import Column
    >>> schema = Schema((Column("age", "number"), Column("sex", "category")))
    >>> row({"age": "31", "sex": None}, schema)
    ({'age': array([31.]), 'sex': array(['\\x01null'], dtype=object)}, [])
    """
    if not _last or _last[0].schema is not schema:
        _last[:] = [Edge(schema)]
    return _last[0].row(record)
