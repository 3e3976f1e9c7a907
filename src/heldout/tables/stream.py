"""A delimited file in pieces: frames of text with row and line numbers, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl

from heldout.core.arrays import Ints
from heldout.core.names import plural
from heldout.tables import delimited, misfit
from heldout.tables.comments import without_comments
from heldout.tables.decode import Encoding, blocks
from heldout.tables.dialect import BLANK, ONE_COLUMN, SAMPLE, Dialect, sniff, tabbed
from heldout.tables.header import decide, names_of
from heldout.tables.lines import Lines, split
from heldout.tables.refusal import Refusal
from heldout.tables.signature import empty

LOOKED_AT = 300  # rows that decide whether there is a header
MOST_HELD = 1 << 26  # bytes of one row: more is a quote that was never closed
MOSTLY = 0.5  # share of rows of one width, from which the others are refused one by one


@dataclass(frozen=True)
class Piece:
    """``rows`` rows of the source from ``start`` on; ``frame`` holds those that fit, ``lines``
    the line of each (0: none), ``refused`` the others; ``at`` the places of those that fit."""

    frame: pl.DataFrame
    start: int
    rows: int
    lines: Ints
    refused: list[Refusal] = field(default_factory=list)
    at: Ints | None = None

    @cached_property
    def rows_at(self) -> Ints:
        """The place of each row of the frame within the piece."""
        return np.arange(self.frame.height) if self.at is None else self.at

    def slices(self, rows: int) -> Iterator[Piece]:
        """The piece in parts of at most ``rows`` rows."""
        if self.rows <= rows:
            yield self
            return
        for begin in range(0, self.rows, rows):
            size = min(rows, self.rows - begin)
            inside = np.flatnonzero((self.rows_at >= begin) & (self.rows_at < begin + size))
            first = int(inside[0]) if len(inside) else 0
            refused = [r for r in self.refused if begin <= r.row - self.start < begin + size]
            yield Piece(
                self.frame.slice(first, len(inside)),
                self.start + begin,
                size,
                self.lines[inside],
                refused,
                self.rows_at[inside] - begin,
            )


def pieces(path: Path, encoding: Encoding, expect: Sequence[str], rows: int) -> Iterator[Piece]:
    """The rows of the file under the dialect that its first part shows.

    Where the first part is not even, the whole file is read at once, with its errors.
    """
    source = blocks(path, encoding)
    held, block = next(source, b""), next(source, None)
    if not held.strip():
        raise empty(path)
    held, _ = without_comments(held)
    sample = held[:SAMPLE]
    dialect = sniff(sample, whole=len(sample) == len(held) and block is None)
    opened = _open(sample, dialect, expect)
    if opened is None:
        yield from _whole(path, encoding, expect, 0).slices(rows)
        return
    names, skip = opened
    row, line = 0, 1
    while held or block is not None:
        text, held = _cut(held, dialect) if block is not None else (held, b"")
        if text:
            lines = _lines(text, dialect)
            if lines.bad_quotes or len(held) > MOST_HELD:
                yield from _whole(path, encoding, expect, row).slices(rows)
                return
            piece = _piece(lines, dialect, names, row, line, skip)
            row, line, skip = row + piece.rows, line + text.count(b"\n"), False
            if piece.rows:
                yield from piece.slices(rows)
        held += block or b""
        block = next(source, None)
    if not row:
        raise misfit.header_only(path, names)


def _whole(path: Path, encoding: Encoding, expect: Sequence[str], start: int) -> Piece:
    """The rows from ``start`` on, read at once: slower, but it knows quotes within fields."""
    raw, lines = delimited.load(path, encoding, None, expect)
    frame = raw.frame.slice(start)
    return Piece(frame, start, frame.height, lines[start:])


def _open(sample: bytes, dialect: Dialect, expect: Sequence[str]) -> tuple[list[str], bool] | None:
    """Names, and whether the first row holds them; None where the simple way does not do."""
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
    header = decide(parsed.frame.rows(), expect)
    names = names_of(parsed.frame.row(0)).names if header.yes else parsed.frame.columns
    return names, header.yes


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
    lines: Lines, dialect: Dialect, names: list[str], row: int, line: int, skip: bool
) -> Piece:
    """Whole rows, the first of which is row ``row`` and begins on line ``line``."""
    kept = ~lines.blank
    if skip and kept.any():
        kept[np.argmax(kept)] = False
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
