"""Rows that are shorter than the header: the cells missing at their end are missing values.

Only where the header has as many fields as the longest row, half of the rows are whole, and the
cells of every short row are of the kind that their column has: a row that lost a field in its
middle is told, not filled up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heldout.core.arrays import Ints
from heldout.core.names import plural
from heldout.tables.cell import is_marker, strip
from heldout.tables.dialect import BLANK, Dialect, loose_rows
from heldout.tables.header import is_typed
from heldout.tables.lines import Lines

WHOLE = 0.5  # share of rows that must be whole
FEWEST = 3  # short rows: one or two are an accident, and are told
LOOKED_AT = 1_000
TYPED = 0.99


@dataclass(frozen=True)
class Filled:
    """``text`` in which every row has all fields; ``note`` says how many were filled."""

    text: bytes
    rows: int

    @property
    def note(self) -> str:
        """What was done."""
        what = f"{plural(self.rows, 'row')} of the file {'is' if self.rows == 1 else 'are'} shorter"
        return f"{what} than its header; the cells missing at the end were read as missing."


def filled(lines: Lines, dialect: Dialect, header: bool) -> Filled | None:
    """Lengthen short rows; cut off empty fields beyond the width; None where that is not safe."""
    full = np.flatnonzero(~lines.blank)
    fields, width = lines.fields[full], dialect.width
    if width < 3 or dialect.delimiter == BLANK or (header and fields[0] != width):
        return None
    short, long = full[fields < width], full[fields > width]
    if not len(short) + len(long) or (fields == width).sum() < WHOLE * len(full):
        return None
    if 0 < len(short) < FEWEST:
        return None
    if len(long) and not _only_empty_beyond(lines, long, dialect):
        return None
    if len(short) and not _fits(lines, full[1:] if header else full, short, dialect):
        return None
    return Filled(_rewritten(lines, dialect), len(short))


def _cells(lines: Lines, row: int, dialect: Dialect) -> list[str]:
    text = lines.data[lines.starts[row] : lines.ends[row]]
    rows = loose_rows(text, dialect.delimiter, dialect.quote)
    return [strip(cell) for cell in rows[0][0]] if rows else []


def _only_empty_beyond(lines: Lines, long: Ints, dialect: Dialect) -> bool:
    return all(not any(_cells(lines, int(i), dialect)[dialect.width :]) for i in long)


def _fits(lines: Lines, body: Ints, short: Ints, dialect: Dialect) -> bool:
    whole = [int(i) for i in body[lines.fields[body] == dialect.width][:LOOKED_AT]]
    rows = [_cells(lines, i, dialect) for i in whole]
    typed = []
    for j in range(dialect.width):
        seen = [row[j] for row in rows if j < len(row) and not is_marker(row[j])]
        typed.append(bool(seen) and sum(map(is_typed, seen)) >= TYPED * len(seen))
    if not any(typed):
        return False
    told = False
    for i in short:
        cells = _cells(lines, int(i), dialect)
        for cell, number in zip(cells, typed, strict=False):
            if is_marker(cell):
                continue
            if is_typed(cell) != number and (number or is_typed(cell)):
                return False
            told = told or number
    return told


def _rewritten(lines: Lines, dialect: Dialect) -> bytes:
    delimiter, width, made = dialect.delimiter.encode(), dialect.width, []
    for i in range(len(lines.starts)):
        text = lines.data[lines.starts[i] : lines.ends[i]]
        n = int(lines.fields[i])
        if not lines.blank[i]:
            if n < width:
                text = text + delimiter * (width - n)
            elif n > width:
                text = _cut(text, delimiter, n - width)
        made.append(text)
    return b"\n".join(made) + b"\n"


def _cut(text: bytes, delimiter: bytes, more: int) -> bytes:
    """Without the last ``more`` fields, which are empty."""
    for _ in range(more):
        text = text[: text.rindex(delimiter)]
    return text
