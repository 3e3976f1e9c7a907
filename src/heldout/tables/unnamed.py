"""Columns without their names.

Polars finds a column by its name and takes names such as ``*`` or ``^a$`` for patterns, even inside
methods of a Series. A person's column may be called so, therefore cells are worked on without a
name, and several columns are taken as ``frame[names]``, which compares letter by letter.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

CELLS = "cells"


def column(frame: pl.DataFrame, name: str) -> pl.Series:
    """The cells of one column.

    >>> import polars
    >>> column(polars.DataFrame({"a": [1, 2], "^a$": [3, None]}), "^a$").null_count()
    1
    """
    return frame[name].alias(CELLS)


def columns(frame: pl.DataFrame) -> Iterator[tuple[str, pl.Series]]:
    """Names and cells of all columns, in order."""
    for series in frame.iter_columns():
        yield series.name, series.alias(CELLS)
