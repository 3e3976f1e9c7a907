"""What the files of pictures say, for the checks that ask them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from heldout.audits.finding import Look
from heldout.audits.once import once_for
from heldout.audits.watch import watch
from heldout.tables import pixels
from heldout.tables.schema import Column

MOST = 2_000  # files that are opened


def columns(look: Look) -> Iterator[tuple[Column, Sequence[int], Sequence[pixels.Head]]]:
    """Columns of pictures with the rows looked at, evenly over the table, and the heads of their
    files."""
    for column in look.table.schema.inputs:
        if column.kind == "image":
            rows, found = heads(look, column)
            if found:
                yield column, rows, found


def heads(look: Look, column: Column) -> tuple[list[int], list[pixels.Head]]:
    """Rows and heads of at most ``MOST`` files; read once."""
    return once_for(look, "heads", column.name, lambda: _heads(look, column))


def _heads(look: Look, column: Column) -> tuple[list[int], list[pixels.Head]]:
    every = look.table.rows
    rows = np.unique(np.linspace(0, every - 1, min(every, MOST)).astype(np.int64)).tolist()
    paths = look.table.frame[column.name][rows].to_list()
    kept: tuple[list[int], list[pixels.Head]] = ([], [])
    for row, path in zip(rows, paths, strict=True):
        watch(look)
        head = pixels.head(path) if path else None
        if head is not None:
            kept[0].append(int(row))
            kept[1].append(head)
    return kept
