"""A stable 64-bit hash of what a row says: the same on every machine, in every version.

The seal and the ledger rest on it, so the rule is frozen: golden values stand in the tests.
A cell counts by what it says, not by the kind it was read as: the category "3" and the number
3.0 are equal, so that ``--type`` moves nothing. The order of columns and of rows is without effect.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from heldout.core.arrays import Array, Hashes
from heldout.tables import unnamed
from heldout.tables.apply import MOST_CODES
from heldout.tables.hashes import MISSING, mix, numbers, word
from heldout.tables.kind import KINDS
from heldout.tables.roles import UNIQUE, names_rows
from heldout.tables.schema import NULL, NULL_DATE, Column, Schema
from heldout.tables.table import Columns, Table

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "column_hash",
    "column_hashes",
    "content",
    "content_columns",
    "is_identifier",
    "mix",
    "named_identifier",
    "numbers",
    "pictures",
    "table_content",
    "texts",
    "total",
    "word",
]


def texts(values: Array) -> Hashes:
    """Hashes of strings; a text that spells a number counts as the number."""
    known = {value: _text(value) for value in set(values.tolist())}
    return np.fromiter((known[v] for v in values.tolist()), np.uint64, len(values))


def _text(value: str) -> np.uint64:
    if value == NULL:
        return MISSING
    try:
        number = float(value)
    except ValueError:
        return word(value)
    if np.isfinite(number) and "_" not in value:
        return np.uint64(numbers(np.array([number]))[0])
    return word(value)


def pictures(values: Array) -> Hashes:
    """Hashes of uint8 (rows, h, w, 3): what is seen counts, not where the file lies."""
    plain = np.ascontiguousarray(values)
    bodies = (hashlib.blake2b(row.tobytes(), digest_size=8).digest() for row in plain)
    return np.fromiter((int.from_bytes(b, "little") for b in bodies), np.uint64, len(plain))


def column_hash(values: Array, column: Column) -> Hashes:
    """Hashes (rows,) of one typed column (see ``tables.table.Columns``)."""
    if values.ndim == 4:
        return pictures(values)
    if column.kind == "boolean" and len(column.levels) == 2:
        both = texts(np.array(column.levels, dtype=object))
        safe = np.nan_to_num(np.asarray(values, dtype=np.float64)).astype(np.int64).clip(0, 1)
        return np.where(np.isnan(values), MISSING, both[safe])
    if column.kind in ("number", "boolean"):
        return numbers(values)
    if column.kind == "date":
        whole = np.asarray(values, dtype=np.int64)
        return np.where(whole == NULL_DATE, MISSING, mix(whole.view(np.uint64) ^ word("date")))
    return texts(values)


def content(columns: Columns, schema: Schema) -> Hashes:
    """Hashes (rows,) over all given columns, each tied to its name.

    ``schema`` says the kind of every given column; the order of both is without effect.
    """
    rows = len(next(iter(columns.values()))) if columns else 0
    total = np.zeros(rows, dtype=np.uint64)
    for name, values in columns.items():
        total = total + mix(column_hash(values, schema[name]) ^ word(name))
    return mix(total)


def content_columns(schema: Schema, rows: int) -> list[str]:
    """The columns whose values make two rows equal: all but the target and identifiers.

    Dropped, kept or set aside, a column counts the same: the seal belongs to the data.
    """
    candidates = [c for c in schema if c.role != "target"]
    telling = [c.name for c in candidates if not is_identifier(c, rows)]
    return telling or [c.name for c in candidates]


def is_identifier(column: Column, rows: int) -> bool:
    """Whether ``tables`` found an identifier here, or would have, had nobody named a role."""
    if named_identifier(column):
        return True
    filled = max(1, rows - column.nulls)
    if "--" not in column.reason or column.distinct < UNIQUE * filled:
        return False
    if column.kind in ("category", "text"):
        return True
    numbered = column.high is not None and column.low is not None
    in_turn = numbered and (column.high or 0) - (column.low or 0) == column.distinct - 1
    return column.whole and (in_turn or names_rows(column.name))


def named_identifier(column: Column) -> bool:
    """Whether the reason of the column's role is that it names its rows."""
    return "identifier" in column.reason.split(":")[0]


def table_content(table: Table, hashes: Mapping[str, Hashes] | None = None) -> Hashes:
    """``content`` of the telling columns of a table, shape (rows,); ``hashes`` as of
    ``column_hashes``, where they are known already."""
    names = content_columns(table.schema, table.rows)
    if not names:
        return np.zeros(table.rows, dtype=np.uint64)
    if hashes is None:
        return mix(total((_tied(table, n) for n in names), table.rows))
    return mix(total((hashes[n] for n in names), table.rows))


def column_hashes(table: Table, names: Sequence[str]) -> dict[str, Hashes]:
    """Hashes (rows,) of columns, each tied to its name: ``content`` mixes their sum.

    >>> from heldout.tables.read import read
    >>> t = read({"a": [1.5, 2.5, None], "b": ["x", "y", "x"]})
    >>> made = mix(total(column_hashes(t, ["a", "b"]).values(), 3))
    >>> bool((made == content(t.arrays(["a", "b"]), t.schema)).all())
    True
    """
    return {name: _tied(table, name) for name in names}


def total(hashes: Iterable[Hashes], rows: int) -> Hashes:
    """Their sum, (rows,), whatever their order."""
    made = np.zeros(rows, dtype=np.uint64)
    for h in hashes:
        made += h
    return made


def _tied(table: Table, name: str) -> Hashes:
    column = table.schema[name]
    if column.kind in ("category", "text"):
        plain = _words(unnamed.column(table.frame, name), column)
    else:
        plain = column_hash(table.arrays([name])[name], column)
    return mix(plain ^ word(name))


def _words(series: pl.Series, column: Column) -> Hashes:
    """``texts`` of a series, each different text hashed once."""
    import polars as pl

    standard = KINDS.get(column.kind).standard
    cells = series.cast(pl.String)
    different = cells.drop_nulls().unique()
    read = different.to_list() if standard is None else map(standard, different.to_list())
    known = np.fromiter(map(_text, read), np.uint64, len(different))
    if len(different) <= MOST_CODES:
        codes = cells.cast(pl.Enum(different)).to_physical().fill_null(len(different))
        made: Hashes = np.append(known, MISSING)[codes.to_numpy()]
        return made
    key = pl.DataFrame({"text": different, "hash": known})
    found = cells.to_frame("text").join(key, on="text", how="left", maintain_order="left")
    return found["hash"].fill_null(int(MISSING)).to_numpy()
