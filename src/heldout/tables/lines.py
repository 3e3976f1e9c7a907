"""Where the rows of a delimited text begin and how many fields each has, over all its bytes.

One pass of NumPy over the bytes instead of a parser: fast enough to look at every line of a file,
so that a line that does not fit is named, not filled up.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from heldout.core.arrays import Array, Bools, Ints

NEWLINE = 10


@dataclass(frozen=True)
class Lines:
    """Rows of a UTF-8 text with LF line ends.

    ``starts``, ``ends``: byte offsets of each row, line end left out; ``fields``: fields in each;
    ``blank``: rows of no character but blanks; ``bad_quotes``: quote characters that neither begin
    nor end a field.
    """

    data: bytes
    starts: Ints
    ends: Ints
    fields: Ints
    blank: Bools
    quotes: int
    bad_quotes: int

    @cached_property
    def numbers(self) -> Ints:
        """The line of the file in which each row begins, from 1."""
        if len(self.starts) == self.data.count(b"\n") + (self.data[-1:] not in (b"\n", b"")):
            return np.arange(1, len(self.starts) + 1, dtype=np.int64)
        every = np.flatnonzero(np.frombuffer(self.data, np.uint8) == NEWLINE)
        return np.searchsorted(every, self.starts) + 1

    def text(self, row: int) -> str:
        """The row as it stands."""
        return self.data[self.starts[row] : self.ends[row]].decode("utf-8", "replace")

    def without(self, rows: Bools) -> bytes:
        """The text without some rows."""
        keep = np.flatnonzero(~rows)
        return b"\n".join(self.data[self.starts[i] : self.ends[i]] for i in keep) + b"\n"


def split(data: bytes, delimiter: str, quote: str | None) -> Lines:
    """Rows and fields of a text; delimiters and line ends inside quotes do not count."""
    buffer = np.frombuffer(data, np.uint8)
    newline = buffer == NEWLINE
    field_end = buffer == ord(delimiter)
    quotes = bad = 0
    if quote is not None and quote.encode() in data:
        marks = buffer == ord(quote)
        quotes = int(marks.sum())
        inside = (np.cumsum(marks, dtype=np.uint8) & 1).astype(bool)
        bad = _bad_quotes(buffer, marks, inside, ord(delimiter))
        newline &= ~inside
        field_end &= ~inside
    ends = np.flatnonzero(newline)
    starts = np.concatenate([[0], ends + 1])
    if starts[-1] >= len(buffer):
        starts = starts[:-1]
    else:
        ends = np.append(ends, len(buffer))
    at = np.flatnonzero(field_end)
    fields = np.searchsorted(at, ends) - np.searchsorted(at, starts) + 1
    return Lines(data, starts, ends, fields, _blank(data, starts, ends, delimiter), quotes, bad)


def _bad_quotes(buffer: Array, marks: Bools, inside: Bools, delimiter: int) -> int:
    """Quotes that open in the middle of a field, or close with something after them."""
    at = np.flatnonzero(marks)
    opens = at[inside[at]]
    closes = at[~inside[at]]
    quote = buffer[at[0]]
    before = buffer[np.maximum(opens - 1, 0)]
    after = buffer[np.minimum(closes + 1, len(buffer) - 1)]
    edges = (delimiter, NEWLINE, quote)
    good_open = np.isin(before, edges) | (opens == 0)
    good_close = np.isin(after, (*edges, 13)) | (closes == len(buffer) - 1)
    odd = int(len(opens) != len(closes))
    return int((~good_open).sum() + (~good_close).sum()) + odd


def _blank(data: bytes, starts: Ints, ends: Ints, delimiter: str) -> Bools:
    """Rows that hold nothing, or blanks only (looked at only where a row is short)."""
    blanks = b" \r" if delimiter == "\t" else b" \t\r"
    blank = ends == starts
    short = np.flatnonzero((ends - starts > 0) & (ends - starts <= 64))
    if len(short):
        first = np.frombuffer(data, np.uint8)[starts[short]]
        for i in short[(first == 32) | (first == 9) | (first == 13)]:
            blank[i] = not data[starts[i] : ends[i]].strip(blanks)
    return np.asarray(blank, dtype=bool)
