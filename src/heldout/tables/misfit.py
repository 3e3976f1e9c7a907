"""Files that hold no table of samples: ragged, baskets, stacked, header only. Each said in words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from heldout.core.arrays import Bools, Ints
from heldout.core.errors import HeldoutError
from heldout.core.names import count, plural
from heldout.tables.cell import strip
from heldout.tables.dialect import WORDS, Dialect
from heldout.tables.header import decide
from heldout.tables.lines import Lines

BASKETS = 0.5  # share of rows with the commonest width, under which a file is no table at all
GAPS = 5


def error(path: Path, lines: Lines, dialect: Dialect) -> HeldoutError:
    """Why the rows do not make a table: H205 (some lines do not fit), H206 (none do), H207."""
    fields = lines.fields[~lines.blank]
    numbers = lines.numbers[~lines.blank]
    values, counts = np.unique(fields, return_counts=True)
    width, share = int(values[np.argmax(counts)]), float(counts.max() / len(fields))
    wrong = np.flatnonzero(fields != width)
    if lines.blank.any() and _changes_at_gaps(lines):
        return stacked(path, int(numbers[wrong[0]]))
    if share < BASKETS or width == 1:
        return HeldoutError(
            "H206",
            f"{path.name} is not a table: its rows have from {fields.min()} to {fields.max()} fields",
            seen=f"{count(len(fields))} rows; the commonest width, {width}, is that of {share:.0%} of them",
            why="a row must have one field for each column; market baskets and lists are no table "
            "of samples, and filling them up with blanks would invent columns",
            do=["write one row for each sample, with a column for each thing known about it"],
        )
    first = int(wrong[0]) if len(wrong) else 0
    return HeldoutError(
        "H205",
        f"line {count(numbers[first])} of {path.name} has {plural(int(fields[first]), 'field')}, "
        f"the others have {width}",
        seen=f"{plural(len(wrong), 'such line')} of {count(len(fields))}, divided by {WORDS[dialect.delimiter]}: "
        + ", ".join(f"line {numbers[i]} has {fields[i]}" for i in wrong[:5]),
        why="a field too many or too few moves every value after it into the wrong column",
        do=["mend these lines: often a delimiter inside a text that is not quoted"],
    )


def _changes_at_gaps(lines: Lines) -> bool:
    """Whether the width changes only after blank lines: then each block is a table of its own."""
    gap = np.cumsum(lines.blank)[~lines.blank]
    fields = lines.fields[~lines.blank]
    change = np.flatnonzero(np.diff(fields) != 0)
    return bool(len(change)) and bool((np.diff(gap)[change] > 0).all())


def stacked(path: Path, line: int) -> HeldoutError:
    """For several tables in one file."""
    return HeldoutError(
        "H207",
        f"{path.name} holds several tables, one below the other",
        seen=f"after an empty line another table begins on line {count(line)}",
        why="read as one table, the names of the second would become values of the first",
        do=["write each table into a file of its own"],
    )


def header_only(path: Path, names: Sequence[str | None]) -> HeldoutError:
    """For a header without rows."""
    shown = ", ".join(str(n) for n in names[:6])
    return HeldoutError(
        "H204",
        f"{path.name} has a header but no rows",
        seen=f"{plural(len(names), 'name')}: {shown}",
        why="there is nothing to learn from",
        do=["check how the file was written; if the row is data, say so: --no-header"],
    )


def no_row(name: str, row: int, last: int) -> HeldoutError:
    """For a line of names that is not there."""
    return HeldoutError(
        "H102",
        f"--header-row cannot be {row}",
        seen=f"{name} has {plural(last, 'line')}"
        if row > last
        else f"line {row} of {name} is empty",
        why="that line holds the names of the columns",
        do=["count lines from 1, empty ones too"],
    )


def refuse_stacked(path: Path, frame: pl.DataFrame, lines: Ints, header: bool) -> None:
    """Raise H207 where, after an empty line or a row of empty cells, names stand above numbers."""
    if frame.width < 2 or frame.height < 4:
        return
    empty = frame.select(pl.all_horizontal(pl.all().fill_null("") == "")).to_series().to_numpy()
    after_blank = np.concatenate([[False], np.diff(lines) > 1]) & _blank_between(frame, lines)
    starts = np.flatnonzero((np.concatenate([[False], empty[:-1]]) & ~empty) | after_blank)
    first = [strip(c or "") for c in frame.row(0)]
    for start in starts[:GAPS]:
        block = frame.slice(int(start), 200).rows()
        again = header and [strip(c or "") for c in block[0]] == first
        if again or (len(block) > 1 and header and _names_above_numbers(block)):
            raise stacked(path, int(lines[start]))


def _blank_between(frame: pl.DataFrame, lines: Ints) -> Bools:
    """Rows that begin more lines later than the row before is long: a blank line was between."""
    wide = np.concatenate([[False], np.diff(lines) > 1])
    for row in np.flatnonzero(wide)[:1000]:
        breaks = sum((cell or "").count("\n") for cell in frame.row(int(row) - 1))
        wide[row] = lines[row] - lines[row - 1] > 1 + breaks
    return wide


def _names_above_numbers(block: Sequence[Sequence[str | None]]) -> bool:
    """A header, and so many columns of it are sure that no stray word explains them."""
    return decide(block).sure
