"""Which delimiter and quote a text uses: those that give every row as many fields."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from heldout.tables.lines import Lines, split

DELIMITERS = ("\t", ";", "|", ",")
ONE_COLUMN = "\x1f"
BLANK = " "
WORDS = {
    ",": "comma",
    ";": "semicolon",
    "\t": "tab",
    "|": "bar",
    BLANK: "blanks",
    ONE_COLUMN: "none",
}
NUMBER = re.compile(rb"[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?")
DECIMAL_COMMA = re.compile(rb"[+-]?[0-9]*,[0-9]+(?:[eE][+-]?[0-9]+)?")
SAMPLE = 1 << 20
ONE_FIELD = 0.8  # share of rows without a delimiter, from which it is no delimiter


@dataclass(frozen=True)
class Dialect:
    """``delimiter`` (a blank stands for runs of blanks and tabs), ``quote`` or None; ``width``
    fields in most rows, in ``share`` of the rows; ``loose``: quotes stand within fields, so that
    the slow reader is needed."""

    delimiter: str
    quote: str | None
    width: int
    share: float
    loose: bool = False

    @property
    def even(self) -> bool:
        """Whether every row has the same number of fields."""
        return self.share == 1.0


def widths(lines: Lines) -> tuple[int, float]:
    """The commonest number of fields and the share of rows that have it; blank rows do not count.

    A first row that is shorter by one is even too: its rows have names (R writes so) or end in a
    delimiter.
    """
    fields = lines.fields[~lines.blank]
    if not len(fields):
        return 0, 0.0
    values, counts = np.unique(fields, return_counts=True)
    width = int(values[np.argmax(counts)])
    right = int(counts.max())
    if fields[0] == width - 1 and width > 2 and right == len(fields) - 1:
        right += 1
    return width, right / len(fields)


def sniff(text: bytes, whole: bool) -> Dialect:
    """The dialect of a text (UTF-8, LF), or of its first part where ``whole`` is false."""
    if not whole:
        text = text[: text.rfind(b"\n") + 1] or text
    found = [
        d for delimiter in DELIMITERS if (d := _best_quote(text, delimiter, whole)) is not None
    ]
    even = [d for d in found if d.even and d.width > 1]
    if even:
        best = max(even, key=lambda d: d.width)
        if best.delimiter == ",":
            best = next((d for d in even if d is not best and _decimal_commas(text, d)), best)
        return best
    by_blanks = _by_blanks(text)
    if by_blanks is not None:
        return by_blanks
    for delimiter in DELIMITERS:
        loose = _loose(text, delimiter)
        if loose is not None:
            return loose
    uneven = [d for d in found if d.width > 1 or d.share < ONE_FIELD]
    if not uneven:
        quote = '"' if b'"' in text and not split(text, ONE_COLUMN, '"').bad_quotes else None
        return Dialect(ONE_COLUMN, quote, 1, 1.0)
    return max(uneven, key=lambda d: (d.width > 1, d.share))


def _best_quote(text: bytes, delimiter: str, whole: bool) -> Dialect | None:
    """The quote under which most rows are even; quotes must stand at the ends of fields."""
    best = None
    # A double quote that is not in this part may still come later: it quotes unless shown otherwise.
    quotes = ('"', "'", None) if b'"' in text else ("'", '"')
    for quote in quotes:
        if quote == "'" and b"'" not in text:
            continue
        lines = split(text, delimiter, quote)
        if lines.bad_quotes > (0 if whole else 1):
            continue
        width, share = widths(lines)
        if quote == '"' and lines.quotes and not lines.bad_quotes:
            return Dialect(delimiter, quote, width, share)
        if best is None or (share, width > 1) > (best.share, best.width > 1):
            best = Dialect(delimiter, quote, width, share)
    return best


def _decimal_commas(text: bytes, dialect: Dialect) -> bool:
    """Whether every comma in a field stands in a number: then it is no delimiter."""
    rows = text.split(b"\n")[1:200]
    cells = [c.strip(b' "') for row in rows for c in row.split(dialect.delimiter.encode())]
    commas = [c for c in cells if b"," in c]
    return bool(commas) and all(DECIMAL_COMMA.fullmatch(c) for c in commas)


def tabbed(text: bytes) -> bytes:
    """Runs of blanks and tabs as one tab; none at the ends of a line. Quoted blanks stay."""
    if b'"' not in text:
        text = re.sub(rb"(?m)^[ \t]+|[ \t]+$", b"", text)
        return re.sub(rb"[ \t]+", b"\t", text)
    fields = re.compile(rb'"[^"]*"|[^ \t]+')
    return b"\n".join(b"\t".join(fields.findall(row)) for row in text.split(b"\n"))


def _by_blanks(text: bytes) -> Dialect | None:
    """Fields divided by blanks: every row even, and a third of the fields numbers."""
    text = tabbed(text)
    quote = '"' if b'"' in text else None
    lines = split(text, "\t", quote)
    width, share = widths(lines)
    if share < 1.0 or width < 2 or lines.bad_quotes:
        return None
    cells = [c for row in text.split(b"\n")[1:200] for c in row.split(b"\t") if row]
    if sum(bool(NUMBER.fullmatch(c)) for c in cells) * 3 < len(cells):
        return None
    return Dialect(BLANK, quote, width, share)


def _loose(text: bytes, delimiter: str) -> Dialect | None:
    """Quotes within fields, or after a blank: rows as Python's csv module sees them."""
    if b'"' not in text or delimiter.encode() not in text:
        return None
    rows = [len(row) for row, _ in loose_rows(text, delimiter, '"') if row]
    if not rows or max(rows) == 1 or len(set(rows)) > 1:
        return None
    return Dialect(delimiter, '"', rows[0], 1.0, loose=True)


def loose_rows(text: bytes, delimiter: str, quote: str | None) -> list[tuple[list[str], int]]:
    """Rows with the line on which each begins, by Python's csv module; none where it gives up."""
    import csv
    import io

    csv.field_size_limit(1 << 30)
    reader = csv.reader(
        io.StringIO(text.decode("utf-8", "replace"), newline="\n"),
        delimiter=delimiter,
        quotechar=quote,
        quoting=csv.QUOTE_NONE if quote is None else csv.QUOTE_MINIMAL,
        skipinitialspace=True,
    )
    rows, line = [], 1
    try:
        for row in reader:
            rows.append((row, line))
            line = reader.line_num + 1
    except csv.Error:
        return []
    return rows
