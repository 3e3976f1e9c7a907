"""Which rows at the top hold names: none, one, or two (names and units, or groups of names)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from heldout.tables.cell import is_marker, strip
from heldout.tables.header import Header, Names, decide, is_typed, names_of

Cells = Sequence[str | None]
LOOKED_AT = 1_000  # rows that decide whether there is a header
FEW_ROWS, MOST_CELLS = 30, 200_000  # thousands of columns say in some rows what few say in many
FEWEST = 3  # rows below two lines of names


@dataclass(frozen=True)
class Heading:
    """``rows`` at the top are names, not samples; ``names`` of the columns (None: no header);
    ``units``: what a second line of names said, where it was left out."""

    header: Header
    rows: int
    names: Names | None
    note: str = ""


def heading(rows: Sequence[Cells], header: bool | None, expect: Sequence[str] = ()) -> Heading:
    """Look at the first rows of a table (at most some hundreds).

    >>> found = heading([["size", "kind"], ["cm", ""], ["1", "a"], ["2", "b"], ["3", "a"]], None)
    >>> found.rows, found.names.names
    (2, ['size', 'kind'])
    """
    wide = max(1, max(map(len, rows[:2]), default=1))
    rows = rows[: max(FEW_ROWS, MOST_CELLS // wide)]
    found = Header(header, "as it was said", True) if header is not None else decide(rows, expect)
    if not found.yes:
        return Heading(found, 0, None)
    first = [strip(c or "") for c in rows[0]]
    if not _second(rows, first):
        return Heading(found, 1, names_of(rows[0]))
    second = [strip(c or "") for c in rows[1]]
    if _grouped(first):
        joined = _together(first, second)
        note = "Two lines of names were put together, such as "
        return Heading(found, 2, names_of(joined), f'{note}"{joined[-1]}".')
    told = ", ".join(c for c in second if c)[:60]
    return Heading(
        found, 2, names_of(rows[0]), f"The second line holds units, not a row; left out: {told}."
    )


def _second(rows: Sequence[Cells], first: Sequence[str]) -> bool:
    """Whether the second row has words, or nothing, above every column of numbers."""
    below = [[strip(c or "") for c in row] for row in rows[2:]]
    if len(below) < FEWEST:
        return False
    second = [strip(c or "") for c in rows[1]]
    words = 0
    for j, cell in enumerate(second):
        filled = [row[j] for row in below if j < len(row) and not is_marker(row[j])]
        if not filled or not all(map(is_typed, filled)):
            if cell and cell in filled:
                return False
            continue
        if is_typed(cell) or (cell and is_marker(cell)):
            return False
        words += bool(cell)
    return words >= (1 if _grouped(first) or len(second) < 3 else 2)


def _grouped(first: Sequence[str]) -> bool:
    """Whether names of a first line stand for several columns: repeated, or empty after one."""
    names = [cell for cell in first if cell]
    return len(set(names)) < len(names) or (2 * len(names) <= len(first) + 1 and len(first) > 2)


def _together(first: Sequence[str], second: Sequence[str]) -> list[str]:
    made, last = [], ""
    for over, under in zip(first, second, strict=True):
        last = over or last
        made.append(f"{last} {under}".strip() if under != last else last)
    return made
