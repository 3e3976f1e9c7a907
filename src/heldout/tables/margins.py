"""Lines around a table that are no rows: comments, titles and remarks.

They are emptied, not cut off, so that the other lines keep their numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from heldout.core.names import plural
from heldout.tables.dialect import Dialect
from heldout.tables.lines import Lines, split

MARKS = (b"#", b"%")
MOST_BELOW = 3  # lines of a remark
MOST_ABOVE = 40  # lines of a title
LEAST_TABLE = 2  # rows below a title
SEPARATOR = re.compile(rb'(?i)^"?sep=(.)"?$')


def without_comments(text: bytes) -> tuple[bytes, int]:
    """Empty the lines at the top that begin with # or %; returns how many there were.

    One such line alone stays if it may be a header: no blank after its mark, or as many commas as
    the line below.

    >>> without_comments(b"# made in 2020\\n# by hand\\na,b\\n1,2\\n")
    (b'\\n\\na,b\\n1,2\\n', 2)
    >>> without_comments(b"#id,b\\n1,2\\n")[1]
    0
    """
    text = _without_mark(text)
    if text.lstrip(b"\n")[:1] not in MARKS:
        return text, 0
    lines = text.split(b"\n", 200)
    begin = next(i for i, line in enumerate(lines) if line)
    found = begin
    while found < len(lines) and lines[found][:1] == lines[begin][:1]:
        found += 1
    if found == len(lines) or not any(lines[found:]):
        return text, 0
    first, below = lines[found - 1], lines[found]
    alike = any(first.count(d) == below.count(d) > 0 for d in (b",", b";", b"\t"))
    if alike and found - begin > 1 and first[1:2] not in (b" ", b"\t"):
        found -= 1  # the last one is the header
    elif found - begin == 1 and (alike or first[1:2] not in (b" ", b"\t")):
        return text, 0
    return b"\n" * found + b"\n".join(lines[found:]), found - begin


def _without_mark(text: bytes) -> bytes:
    """Empty a first line that only says which separator is used (as spreadsheets write it)."""
    first, newline, rest = text.partition(b"\n")
    return newline + rest if SEPARATOR.match(first.strip(b"\r \xef\xbb\xbf")) else text


@dataclass(frozen=True)
class Emptied:
    """``text`` with lines emptied, ``note`` what they said."""

    text: bytes
    note: str


def without_title(lines: Lines, dialect: Dialect) -> Emptied | None:
    """Empty up to 40 lines at the top whose width is not that of all lines below them.

    Only narrower lines are a title; a wider one among them is a row with a field too many.
    """
    full = np.flatnonzero(~lines.blank)
    if dialect.width < 2 or len(full) < LEAST_TABLE + 1:
        return None
    fields = lines.fields[full]
    wrong = np.flatnonzero(fields != dialect.width)
    if not len(wrong) or wrong[-1] >= MOST_ABOVE or (fields[wrong] > dialect.width).any():
        return None
    above = int(wrong[-1]) + 1
    if len(full) - above < LEAST_TABLE or not _apart(lines, full, fields, above, dialect):
        return None
    said = [lines.text(int(i)).strip("\"' ,;\t") for i in full[:above]]
    begin = int(lines.starts[full[above]])
    body = b"\n" * lines.data[:begin].count(b"\n") + lines.data[begin:]
    told = "; ".join(s for s in said if s)[:80]
    return Emptied(body, f"{plural(above, 'line')} above the table left out: {told}.")


def _apart(lines: Lines, full: np.ndarray, fields: np.ndarray, above: int, d: Dialect) -> bool:
    """Whether what stands above is told from a row that lost a field: it has one field (or
    one that is not empty), or a blank line comes after it."""
    gap = int(full[above]) - int(full[above - 1]) > 1
    separator = "\t" if d.delimiter == " " else d.delimiter
    for i in range(above):
        text = lines.text(int(full[i]))
        filled = sum(bool(part.strip("\"' ")) for part in text.split(separator))
        if fields[i] == d.width or (filled > 1 and not gap):
            return False
    return gap or above < len(full) / 2


def without_remark(lines: Lines, dialect: Dialect) -> Emptied | None:
    """Empty up to three lines at the end that stand after a blank line and hold one field only;
    None where there is none."""
    full = np.flatnonzero(~lines.blank)
    gaps = np.flatnonzero(lines.blank[: full[-1]]) if len(full) else full
    if not len(gaps) or dialect.width < 2:
        return None
    last = full[full > gaps[-1]]
    if len(last) > MOST_BELOW or len(last) == len(full):
        return None
    remarks = [lines.text(int(i)) for i in last]
    inner = [r.strip().rstrip(dialect.delimiter).rstrip() for r in remarks]
    if any(
        split(r.encode(), dialect.delimiter, dialect.quote).fields.max() > 1 for r in inner if r
    ):
        return None
    begin = int(lines.starts[last[0]])
    said = " ".join(r.strip("\"' ") for r in inner)
    return Emptied(
        lines.data[:begin].rstrip(b"\n") + b"\n",
        f'A remark below the table is no row and was left out: "{said[:60]}".',
    )
