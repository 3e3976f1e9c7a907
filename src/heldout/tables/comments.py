"""Lines around a table that are no rows: comments above it, a remark below it.

They are emptied, not cut off, so that the other lines keep their numbers.
"""

from __future__ import annotations

import numpy as np

from heldout.tables.dialect import Dialect
from heldout.tables.lines import Lines, split

MARKS = (b"#", b"%")
MOST_BELOW = 3  # lines of a remark


def without_comments(text: bytes) -> tuple[bytes, int]:
    """Empty the lines at the top that begin with # or %; returns how many there were.

    One such line alone stays if it may be a header: no blank after its mark, or as many commas as
    the line below.

    >>> without_comments(b"# made in 2020\\n# by hand\\na,b\\n1,2\\n")
    (b'\\n\\na,b\\n1,2\\n', 2)
    >>> without_comments(b"#id,b\\n1,2\\n")[1]
    0
    """
    if text[:1] not in MARKS:
        return text, 0
    lines = text.split(b"\n", 200)
    found = 0
    while found < len(lines) and lines[found][:1] == text[:1]:
        found += 1
    if found == len(lines) or not any(lines[found:]):
        return text, 0
    first, below = lines[0], lines[found]
    alike = any(first.count(d) == below.count(d) > 0 for d in (b",", b";", b"\t"))
    if found == 1 and (alike or first[1:2] not in (b" ", b"\t")):
        return text, 0
    return b"\n" * found + b"\n".join(lines[found:]), found


def without_remark(lines: Lines, dialect: Dialect) -> tuple[bytes, str] | None:
    """Empty up to three lines at the end that stand after a blank line and hold one field only;
    returns the text and the remark, or None where there is none."""
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
    return lines.data[:begin].rstrip(b"\n") + b"\n", " ".join(r.strip("\"' ") for r in inner)
