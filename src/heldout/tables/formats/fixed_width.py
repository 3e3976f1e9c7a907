"""Fixed width: columns that stand at the same places in every line, divided by blanks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from heldout.core.arrays import Bools
from heldout.tables.decode import blocks
from heldout.tables.dialect import ONE_COLUMN
from heldout.tables.file import File
from heldout.tables.format import Ask, FormatCard, Size
from heldout.tables.header import is_typed
from heldout.tables.heading import LOOKED_AT, heading
from heldout.tables.infer import Raw
from heldout.tables.margins import without_comments
from heldout.tables.signature import empty

FEWEST = 4  # lines, below which places say nothing
WIDEST = 4_096
RULE = set("-=+| ")
BYTES = 12  # of memory a byte of the file


def read(file: File, ask: Ask) -> Raw:
    """The whole file, cut at the places that are blank in every line."""
    text, comments = without_comments(b"".join(blocks(file.path, file.encoding)))
    lines = [
        line for line in text.decode("utf-8", "replace").expandtabs().split("\n") if line.strip()
    ]
    if not lines:
        raise empty(file.path)
    places = columns(lines)
    lines = [line for line in lines if not set(line) <= RULE]
    rows = [[line[a:b].strip() for a, b in places] for line in lines]
    found = heading(rows[:LOOKED_AT], ask.header, ask.expect)
    names = found.names.names if found.names else [f"column_{i}" for i in range(len(places))]
    body = rows[found.rows :]
    frame = pl.DataFrame(
        {name: [row[i] for row in body] for i, name in enumerate(names)},
        schema=dict.fromkeys(names, pl.String),
    )
    notes = [f"Columns stand at fixed places, {len(places)} of them, divided by blanks."]
    notes += [f"{comments} lines of comments at the top left out."] if comments else []
    notes += [found.note] if found.note else []
    notes += (
        list(found.names.notes)
        if found.names
        else [f"No header: {found.header.reason}. Columns are named column_0, column_1 and so on."]
    )
    guesses = {
        "format": "fixed width",
        "encoding": file.encoding.name,
        "header": "yes" if found.rows else "no",
        "compression": file.packed,
        "places": ", ".join(str(a) for a, _ in places),
    }
    nameless = found.names.nameless if found.names else frozenset()
    return Raw(frame, str(file.path), tuple(notes), guesses, {}, nameless)


def columns(lines: Sequence[str]) -> list[tuple[int, int]]:
    """Where columns begin and end: runs of places of which some line has a character.

    >>> columns(["ab  1", "c  22", "     "])
    [(0, 2), (3, 5)]
    """
    width = max(len(line) for line in lines)
    used: Bools = np.zeros(width + 2, dtype=bool)
    rule = next((line for line in lines if "-" in line and set(line) <= {"-", "=", " "}), None)
    for line in [rule] if rule and " " in rule.strip() else lines:
        if not set(line) <= RULE or line is rule:
            codes = np.frombuffer(line.encode("utf-32-le"), dtype=np.uint32)
            used[1 : len(codes) + 1] |= codes != 32
    edges = np.flatnonzero(np.diff(used.astype(np.int8)))
    places = [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    if rule and places:  # the last column may be longer than its rule
        places[-1] = (places[-1][0], max(places[-1][1], width))
    return places


def found(file: File) -> bool:
    """No delimiter divides the first part evenly, and blank places do, with numbers below."""
    if file.dialect.even and file.dialect.delimiter != ONE_COLUMN:
        return False
    text, _ = without_comments(file.sample)
    lines = text.decode("utf-8", "replace").expandtabs().split("\n")
    lines = [line for line in (lines[:-1] if len(lines) > 500 else lines)[:2_000] if line.strip()]
    if len(lines) < FEWEST or max(map(len, lines)) > WIDEST:
        return False
    if any(sum(d in line for line in lines) > len(lines) / 2 for d in ",;\t|"):
        return False
    places = columns(lines)
    lines = [line for line in lines if not set(line) <= RULE]
    if len(places) < 2 or len(lines) < FEWEST:
        return False
    for a, b in places:
        cells = [c for line in lines[1:] if (c := line[a:b].strip())]
        if len(cells) * 2 > len(lines) and all(map(is_typed, cells)):
            return True
    return False


def size(file: File, ask: Ask) -> Size:
    """By the bytes of the file."""
    line = max(1, len(file.sample) // max(1, file.sample.count(b"\n")))
    return Size(file.encoding.size // line, BYTES * file.encoding.size)


CARD = FormatCard(
    name="fixed_width",
    title="fixed width",
    about="text whose columns stand at the same places in every line",
    endings=(".txt", ".fwf", ".dat", ".prn", ".asc"),
    rank=95,
    found=found,
    read=read,
    size=size,
    packed=True,
)
