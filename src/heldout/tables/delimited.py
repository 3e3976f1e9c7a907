"""Delimited text to a frame of text: the dialect guessed and said, every row accounted for."""

from __future__ import annotations

import dataclasses
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from heldout.core.arrays import Bools, Ints
from heldout.core.names import plural
from heldout.tables import misfit
from heldout.tables.decode import Encoding, blocks
from heldout.tables.dialect import (
    BLANK,
    ONE_COLUMN,
    SAMPLE,
    WORDS,
    Dialect,
    loose_rows,
    sniff,
    tabbed,
)
from heldout.tables.file import File
from heldout.tables.format import Ask
from heldout.tables.header import Header
from heldout.tables.heading import LOOKED_AT, Heading, heading
from heldout.tables.infer import Raw
from heldout.tables.lines import Lines, split
from heldout.tables.margins import without_comments, without_remark, without_title
from heldout.tables.ragged import Filled, filled
from heldout.tables.signature import empty


@dataclass(frozen=True)
class Parsed:
    """All rows as String columns named column_0 ..., and the line of the file of each."""

    frame: pl.DataFrame
    lines: Ints


def load(file: File, ask: Ask, dialect: Dialect | None = None) -> tuple[Raw, Ints]:
    """The whole file, and the line of it on which each row begins; raises H203 to H207 where it
    is no table. A ``dialect`` that is known is not guessed."""
    path = file.path
    data = b"".join(blocks(path, file.encoding))
    if not data.strip():
        raise empty(path)
    data, comments = without_comments(data)
    told = [f"{plural(comments, 'line')} of comments at the top left out."] if comments else []
    header = ask.header
    if ask.header_row is not None:
        data, header = below(data, ask.header_row, path), True
    dialect, parsed = (
        _divided(data) if dialect is None else (dialect, _parse_or_none(data, dialect))
    )
    if parsed is None:
        dialect, parsed, more = _mended(data, dialect, header is not False)
        told += more
    if parsed is None:
        raise misfit.error(path, _lines(data, dialect), dialect)
    top = heading(parsed.frame.head(LOOKED_AT).rows(), header, ask.expect)
    if top.rows and parsed.frame.height == top.rows:
        raise misfit.header_only(path, parsed.frame.row(0))
    misfit.refuse_stacked(path, parsed.frame, parsed.lines, top.header.yes)
    raw = named(parsed, top, dialect, file.encoding, path)
    raw = dataclasses.replace(raw, notes=(*told, *raw.notes))
    return raw, parsed.lines[top.rows :]


def below(data: bytes, row: int, path: Path) -> bytes:
    """The text with the lines above line ``row`` emptied; H102 where there is no such line."""
    lines = data.split(b"\n", row - 1)
    if len(lines) < row or not lines[-1].strip():
        raise misfit.no_row(path.name, row, data.count(b"\n"))
    return b"\n" * (row - 1) + lines[-1]


def _mended(
    data: bytes, dialect: Dialect, header: bool
) -> tuple[Dialect, Parsed | None, list[str]]:
    """The rows once titles above, remarks below and short rows are taken care of."""
    told: list[str] = []
    for step in (without_title, without_remark, _filled if header else _filled_without_header):
        found = step(_lines(data, dialect), dialect)
        if found is None:
            continue
        told.append(found.note)
        data = found.text
        dialect, parsed = _divided(data)
        if parsed is not None:
            return dialect, parsed, told
    return dialect, None, told


def _filled(lines: Lines, dialect: Dialect) -> Filled | None:
    return filled(lines, dialect, header=True)


def _filled_without_header(lines: Lines, dialect: Dialect) -> Filled | None:
    return filled(lines, dialect, header=False)


def _divided(data: bytes) -> tuple[Dialect, Parsed | None]:
    """The dialect that the first part shows, or else the whole, and the rows if they are even."""
    sample = data[:SAMPLE]
    dialect = sniff(sample, whole=len(sample) == len(data))
    parsed = _parse_or_none(data, dialect)
    if parsed is None:
        dialect = sniff(data, whole=True)
        parsed = _parse_or_none(data, dialect)
    return dialect, parsed


def _lines(data: bytes, dialect: Dialect) -> Lines:
    text = tabbed(data) if dialect.delimiter == BLANK else data
    return split(text, _separator(dialect), dialect.quote)


def named(parsed: Parsed, top: Heading, dialect: Dialect, encoding: Encoding, path: Path) -> Raw:
    """Give the columns their names and say what was guessed."""
    frame, notes = parsed.frame, []
    nameless: frozenset[str] = frozenset()
    if top.names is not None:
        frame = frame.slice(top.rows)
        frame.columns = top.names.names
        notes, nameless = [*([top.note] if top.note else []), *top.names.notes], top.names.nameless
    found = top.header
    guesses = {
        "format": "delimited text",
        "delimiter": dialect.delimiter if dialect.delimiter != ONE_COLUMN else "",
        "quote": dialect.quote or "",
        "encoding": encoding.name,
        "line_end": encoding.line_end,
        "header": "yes" if found.yes else "no",
        "compression": encoding.packed,
    }
    return Raw(frame, str(path), (*_told(dialect, encoding, found), *notes), guesses, {}, nameless)


def _told(dialect: Dialect, encoding: Encoding, found: Header) -> list[str]:
    """What is unusual, in words."""
    told = []
    if dialect.delimiter == ONE_COLUMN:
        told.append("Read as one column: no delimiter divides every row alike.")
    elif dialect.delimiter != ",":
        told.append(f"Fields are divided by {WORDS[dialect.delimiter]}.")
    if dialect.quote == "'":
        told.append("Fields are quoted with single quotes.")
    elif dialect.loose:
        told.append("Quotes stand within fields; they were read as part of the text.")
    if encoding.name not in ("utf-8", "utf-8-sig"):
        told.append(f"The text is not UTF-8; it was read as {encoding.name}.")
    if encoding.line_end == "CR":
        told.append("Lines end with a bare carriage return.")
    if not found.yes:
        told.append(f"No header: {found.reason}. Columns are named column_0, column_1 and so on.")
    return told


def _separator(dialect: Dialect) -> str:
    return "\t" if dialect.delimiter == BLANK else dialect.delimiter


def _parse_or_none(data: bytes, dialect: Dialect) -> Parsed | None:
    """All rows, or None where they are not even under this dialect."""
    if dialect.loose:
        return _parse_loosely(data, dialect)
    lines = _lines(data, dialect)
    if lines.bad_quotes:
        return None
    return parse(lines, dialect, first=True)


def parse(lines: Lines, dialect: Dialect, first: bool) -> Parsed | None:
    """Rows of a text whose dialect is known; ``first``: the text begins with the file's first row.

    None where a row has another number of fields, or where Polars sees other rows than ``split``.
    """
    width, one = dialect.width, dialect.delimiter == ONE_COLUMN
    blank = around(lines.blank) if one else lines.blank
    fields = lines.fields[~blank]
    if not len(fields):
        return Parsed(_frame([], width), np.zeros(0, np.int64))
    text = lines.without(blank) if blank.any() else lines.data
    if first and fields[0] == width - 1 and width > 2 and (fields[1:] == width).all():
        text, fields = _widened(text, dialect, fields)
    if (fields != width).any():
        return None
    try:
        frame = pl.read_csv(
            io.BytesIO(text),
            has_header=False,
            schema={f"column_{i}": pl.String for i in range(width)},
            separator=_separator(dialect),
            quote_char=dialect.quote,
            infer_schema=False,
        )
    except pl.exceptions.PolarsError:
        return _parse_loosely(text, dialect)
    if frame.height != len(fields):
        return _parse_loosely(text, dialect)
    return Parsed(frame, lines.numbers[~blank])


def around(blank: Bools) -> Bools:
    """The blank rows above and below: between rows of a single column they are missing cells."""
    made = np.ones(len(blank), bool)
    full = np.flatnonzero(~blank)
    if len(full):
        made[full[0] : full[-1] + 1] = False
    return made


def _widened(text: bytes, dialect: Dialect, fields: Ints) -> tuple[bytes, Ints]:
    """A header shorter by one than its rows: the missing name is the last where every row ends in
    a delimiter, else the first (R writes the names of rows so)."""
    separator = _separator(dialect).encode()
    head, rest = text.split(b"\n", 1)
    rows = rest.split(b"\n")
    ends = all(row.endswith(separator) for row in rows if row.strip())
    head = head + separator if ends else separator + head
    fields = fields.copy()
    fields[0] += 1
    return head + b"\n" + rest, fields


def _parse_loosely(data: bytes, dialect: Dialect) -> Parsed | None:
    rows = [(row, n) for row, n in loose_rows(data, _separator(dialect), dialect.quote) if row]
    if not rows or any(len(row) != dialect.width for row, _ in rows):
        return None
    return Parsed(_frame([row for row, _ in rows], dialect.width), np.array([n for _, n in rows]))


def _frame(rows: list[list[str]], width: int) -> pl.DataFrame:
    columns = {f"column_{i}": [row[i] for row in rows] for i in range(width)}
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
