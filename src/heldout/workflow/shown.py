"""A few rows of a table as people read them, with pictures where it has some."""

from __future__ import annotations

import numpy as np

from heldout.core.arrays import Array, Ints
from heldout.core.names import count
from heldout.core.seed import Seed
from heldout.report.inspected import Examples
from heldout.report.inspected.columns import figure, fitted, moment
from heldout.tables import unnamed
from heldout.tables.pictures import load
from heldout.tables.schema import Column
from heldout.tables.table import Table

ROWS, PICTURES, COLUMNS = 4, 12, 40
LONG = 160  # characters of a text that are shown


def examples(table: Table, rank: Ints | None, seed: Seed) -> Examples:
    """Rows drawn at random, one beside the other; ``rank`` (rows,) are their places in the file."""
    rng = seed.child("inspect", "rows").rng()
    drawn = np.sort(rng.permutation(table.rows)[:PICTURES])
    pictured = next((c for c in table.schema if c.kind == "image" and c.size), None)
    if pictured is not None:
        return Examples((), (), _pictures(table, pictured, drawn))
    few = np.sort(rng.permutation(drawn)[:ROWS])
    places = few if rank is None else rank[few]
    columns = sorted(table.schema, key=lambda c: c.role != "target")[:COLUMNS]
    lines = tuple((c.name, *(_cell(table, c, int(row)) for row in few)) for c in columns)
    return Examples(("", *(f"row {count(int(p) + 1)}" for p in places)), lines)


def _pictures(table: Table, column: Column, rows: Ints) -> tuple[tuple[Array, str], ...]:
    paths = table.frame[column.name][rows].to_list()
    made, bad = load(paths, column)
    label = next((c for c in table.schema if c.role == "target"), None)
    words = ["" if label is None else _cell(table, label, int(r)) for r in rows]
    return tuple((made[i], words[i]) for i in range(len(rows)) if not bad[i])


def _cell(table: Table, column: Column, row: int) -> str:
    value = table.frame[column.name][row]
    if value is None:
        return ""
    if column.kind == "number":
        return figure(float(value)) if np.isfinite(value) else str(value)
    if column.kind == "boolean" and len(column.levels) == 2:
        return column.levels[int(value)]
    if column.kind == "date":
        made = unnamed.column(table.frame, column.name).dt.epoch("us")[row]
        return moment(float(made))
    return fitted(str(value), LONG if column.kind == "text" else 40)
