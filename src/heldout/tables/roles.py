"""Which columns are set aside from the start: identifiers, constants, empty ones."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from heldout.core.names import count
from heldout.tables.schema import Column

if TYPE_CHECKING:
    import polars as pl

UNIQUE = 0.98  # different values per filled cell, from which a column names its rows
FEWEST = 10  # filled cells, under which nothing can be said about ids
ID_WORDS = "id|ids|uuid|guid|nr|no|rownames|rowname|rownum|row|index|idx|instant|key|pk|serial"
ID_NAME = re.compile(rf"(?:^|[^a-z])(?:{ID_WORDS})$", re.IGNORECASE)
ID_SUFFIX = re.compile(r"(?:[a-z]I[Dd]|^[A-Z]{1,3}ID)$")


def names_rows(name: str) -> bool:
    """Whether a name looks like that of an identifier.

    >>> [n for n in ("id", "customerID", "PassengerId", "row_no", "PID", "paid", "humid") if names_rows(n)]
    ['id', 'customerID', 'PassengerId', 'row_no', 'PID']
    """
    return bool(ID_NAME.search(name) or ID_SUFFIX.search(name))


def with_role(column: Column, values: pl.Series, nameless: bool = False) -> Column:
    """The column with the role "ignored" and a reason, where it has to be; else as it was."""
    filled = len(values) - column.nulls
    why = None
    if not filled:
        why = "every cell is missing"
    elif column.distinct == 1 and not column.nulls:
        why = "the same value in every row"
    elif column.kind == "number":
        why = _number_id(column, values, filled, nameless)
    elif column.kind in ("category", "text"):
        why = _text_id(column, filled)
    return column if why is None else column.replace(role="ignored", reason=why)


def _number_id(column: Column, values: pl.Series, filled: int, nameless: bool) -> str | None:
    if not column.whole or filled < FEWEST or column.low is None or column.high is None:
        return None
    if column.distinct == len(values) and column.high - column.low == filled - 1:
        return "an identifier: it numbers the rows"
    if column.distinct >= UNIQUE * filled and (nameless or names_rows(column.name)):
        return f"an identifier: {_how_many(column, filled)}, and its name says so"
    return None


def _text_id(column: Column, filled: int) -> str | None:
    if column.kind == "text":
        return None
    if filled >= FEWEST and column.distinct >= UNIQUE * filled:
        return f"an identifier: {_how_many(column, filled)}"
    if not column.levels and filled >= FEWEST:
        return f"{count(column.distinct)} different words, none of them in five rows: nothing to learn from"
    return None


def _how_many(column: Column, filled: int) -> str:
    if column.distinct == filled:
        return "different in every row"
    return f"{count(column.distinct)} different values in {count(filled)} rows"
