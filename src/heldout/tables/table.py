"""Table: a frame of typed columns with its schema, and the arrays that everything else eats."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from heldout.core.arrays import Array
from heldout.tables import unnamed
from heldout.tables.schema import NULL, NULL_DATE, Column, Schema

if TYPE_CHECKING:
    import polars as pl

Columns = Mapping[str, Array]
"""Typed arrays by column name, exactly what the graph takes as inputs, each of shape (rows,):
number and boolean float64 (missing NaN), category and text object strings (missing ``NULL``; texts
in the standard form of ``tables.words``), date int64 microseconds UTC (missing ``NULL_DATE``); image uint8 (rows, height, width, 3)."""


@dataclass(frozen=True)
class Table:
    """Typed columns. ``frame`` holds Float64 (number, boolean), String (category, text, image)
    and Datetime("us") (date); ``notes`` say what was guessed while reading, in words;
    ``guesses`` the same as data (delimiter, encoding, header, ...)."""

    frame: pl.DataFrame
    schema: Schema
    source: str = "frame"
    notes: tuple[str, ...] = ()
    guesses: Mapping[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many samples."""
        return self.frame.height

    def arrays(self, names: Iterable[str] | None = None) -> dict[str, Array]:
        """The typed arrays of the named columns (of the inputs, if none are named)."""
        wanted = [c.name for c in self.schema.inputs] if names is None else list(names)
        return {
            name: column_array(unnamed.column(self.frame, name), self.schema[name])
            for name in wanted
        }

    def take(self, rows: Array) -> Table:
        """The table of these row numbers, in this order."""
        return dataclasses.replace(self, frame=self.frame[rows])

    def _repr_html_(self) -> str:
        """In a notebook: every column with its kind, its part and why."""
        from html import escape

        heads = "".join(f"<th>{h}</th>" for h in ("column", "kind", "part", "missing", "why"))
        lines = "".join(
            f"<tr><td>{escape(c.name)}</td><td>{c.kind}</td><td>{c.role}</td>"
            f"<td>{c.nulls:,}</td><td>{escape(c.reason)}</td></tr>"
            for c in self.schema
        )
        told = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        return (
            f"<p><strong>{escape(self.source)}</strong>: {self.rows:,} rows, "
            f"{len(self.schema)} columns</p>{told}"
            f"<table><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table>"
        )

    def with_schema(self, schema: Schema) -> Table:
        """The same frame under other roles."""
        return dataclasses.replace(self, schema=schema)


def column_array(series: pl.Series, column: Column) -> Array:
    """One typed array; see ``Columns`` for dtypes and missing values."""
    import polars as pl

    if column.kind in ("number", "boolean"):
        numbers = series.cast(pl.Float64)
        return (numbers.fill_null(float("nan")) if numbers.null_count() else numbers).to_numpy()
    if column.kind == "date":
        return series.cast(pl.Datetime("us")).to_physical().fill_null(NULL_DATE).to_numpy()
    if column.kind == "image" and column.size:
        from heldout.tables.pictures import load

        return load(series.to_list(), column)[0]
    from heldout.tables.apply import standardized, strings
    from heldout.tables.kind import KINDS

    standard = KINDS.get(column.kind).standard
    if standard is not None:
        return standardized(series.cast(pl.String), standard)
    return strings(series.cast(pl.String).fill_null(NULL))
