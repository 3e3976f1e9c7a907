"""A delimited file in pieces: frames of text with row and line numbers, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from heldout.core.names import plural
from heldout.tables import delimited, memory, misfit
from heldout.tables.decode import blocks
from heldout.tables.dialect import BLANK, ONE_COLUMN, SAMPLE, Dialect, sniff, tabbed
from heldout.tables.file import File
from heldout.tables.format import Ask
from heldout.tables.heading import heading
from heldout.tables.lines import Lines, split
from heldout.tables.margins import without_comments, without_title
from heldout.tables.piece import Piece
from heldout.tables.ragged import filled
from heldout.tables.refusal import Refusal
from heldout.tables.signature import empty

LOOKED_AT = 300  # rows that decide whether there is a header
MOST_HELD = 1 << 26  # bytes of one row: more is a quote that was never closed
WHOLE = 12  # bytes of memory a byte of the file, where it is read at once
MOSTLY = 0.5  # share of rows of one width, from which the others are refused one by one


def pieces(file: File, ask: Ask, rows: int, dialect: Dialect | None = None) -> Iterator[Piece]:
    """The rows of the file under a dialect that is known, or that its first part shows.

    Where the first part is not even, the whole file is read at once, with its errors.
    """
    path = file.path
    source = blocks(path, file.encoding)
    held, block = next(source, b""), next(source, None)
    if not held.strip():
        raise empty(path)
    held, _ = without_comments(held)
    if ask.header_row is not None:
        held = delimited.below(held, ask.header_row, path)
    sample = held[:SAMPLE]
    if dialect is None:
        dialect = sniff(sample, whole=len(sample) == len(held) and block is None)
    title = without_title(_lines(sample, dialect), dialect)
    if title is not None:
        held, sample = title.text + held[SAMPLE:], title.text
    opened = _open(sample, dialect, ask)
    if opened is None:
        yield from _whole(file, ask, 0).slices(rows)
        return
    names, skip = opened
    row, line = 0, 1
    while held or block is not None:
        text, held = _cut(held, dialect) if block is not None else (held, b"")
        if text:
            lines = _lines(text, dialect)
            if lines.bad_quotes or len(held) > MOST_HELD:
                yield from _whole(file, ask, row).slices(rows)
                return
            piece = _piece(lines, dialect, names, row, line, skip)
            row, line, skip = row + piece.rows, line + text.count(b"\n"), 0
            if piece.rows:
                yield from piece.slices(rows)
        held += block or b""
        block = next(source, None)
    if not row:
        raise misfit.header_only(path, names)


def _whole(file: File, ask: Ask, start: int) -> Piece:
    """The rows from ``start`` on, read at once: slower, but it knows quotes within fields.

    Raises H804 where that would not fit into memory."""
    need, have = WHOLE * file.encoding.size, memory.allowed()
    if need > have:
        raise memory.too_large(file.name, need, have, "mend its quotes, or write it as Parquet")
    raw, lines = delimited.load(file, ask)
    frame = raw.frame.slice(start)
    return Piece(frame, start, frame.height, lines[start:])


def _open(sample: bytes, dialect: Dialect, ask: Ask) -> tuple[list[str], int] | None:
    """Names, and how many rows at the top hold them; None where the simple way does not do."""
    if dialect.loose or dialect.delimiter == ONE_COLUMN:
        return None
    lines = _lines(sample[: sample.rfind(b"\n") + 1] or sample, dialect)
    fields = lines.fields[~lines.blank]
    if lines.bad_quotes > 1 or not len(fields) or fields[0] != dialect.width:
        return None
    if dialect.share < MOSTLY:
        return None
    leave = (
        lines.blank | (lines.fields != dialect.width) | (np.arange(len(lines.blank)) > LOOKED_AT)
    )
    parsed = delimited.parse(split_again(lines.without(leave), dialect), dialect, first=False)
    if parsed is None:
        return None
    said = True if ask.header_row is not None else ask.header
    top = heading(parsed.frame.rows(), said, ask.expect)
    return top.names.names if top.names else parsed.frame.columns, top.rows


def _lines(text: bytes, dialect: Dialect) -> Lines:
    if dialect.delimiter == BLANK:
        return split(tabbed(text), "\t", dialect.quote)
    return split(text, dialect.delimiter, dialect.quote)


def _cut(text: bytes, dialect: Dialect) -> tuple[bytes, bytes]:
    """Whole rows, and the beginning of the next."""
    quoted = dialect.quote is not None and dialect.quote.encode() in text
    if not quoted or dialect.delimiter == BLANK:
        end = text.rfind(b"\n") + 1
        return text[:end], text[end:]
    lines = _lines(text, dialect)
    end = int(lines.starts[-1]) if len(lines.starts) and lines.ends[-1] == len(text) else len(text)
    return text[:end], text[end:]


def _piece(
    lines: Lines, dialect: Dialect, names: list[str], row: int, line: int, skip: int
) -> Piece:
    """Whole rows, the first of which is row ``row`` and begins on line ``line``."""
    if (lines.fields[~lines.blank] != dialect.width).any():
        mended = filled(lines, dialect, header=skip > 0)
        lines = lines if mended is None else _lines(mended.text, dialect)
    kept = ~lines.blank
    kept[np.flatnonzero(kept)[:skip]] = False
    at = np.flatnonzero(kept)
    fits = lines.fields[at] == dialect.width
    numbers = lines.numbers[at] + (line - 1)
    refused = [
        Refusal(
            row + int(i),
            int(numbers[i]),
            "",
            lines.text(int(at[i]))[:200],
            f"the line has {plural(int(lines.fields[at[i]]), 'field')}, not {dialect.width}",
        )
        for i in np.flatnonzero(~fits)
    ]
    leave = np.ones(len(kept), bool)
    leave[at[fits]] = False
    body = lines.without(leave) if leave.any() else lines.data
    frame = pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    if fits.any():
        parsed = delimited.parse(split_again(body, dialect), dialect, first=False)
        if parsed is None or parsed.frame.height != int(fits.sum()):
            raise ValueError(f"rows {row} to {row + len(at)} cannot be parsed")
        frame = parsed.frame
        frame.columns = names
    return Piece(frame, row, len(at), numbers[fits], refused, np.flatnonzero(fits))


def split_again(text: bytes, dialect: Dialect) -> Lines:
    """Rows of a text from which some were taken out (blanks are tabs by now)."""
    return split(text, "\t" if dialect.delimiter == BLANK else dialect.delimiter, dialect.quote)
