"""JSON lines: one object a line, each a row."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from heldout.core.errors import HeldoutError
from heldout.tables import records
from heldout.tables.decode import blocks, endless
from heldout.tables.file import File
from heldout.tables.format import Ask, FormatCard, Size
from heldout.tables.infer import Raw
from heldout.tables.piece import Piece
from heldout.tables.signature import empty
from heldout.tables.stream import MOST_HELD

PER_BYTE, PER_CELL = 6, 60
LOOKED_AT = 5


def read(file: File, ask: Ask) -> Raw:
    """All lines; names in the order in which they first come."""
    parts = [frame for frame, _ in _parts(file)]
    if not parts:
        raise empty(file.path)
    frame = pl.concat(parts, how="diagonal") if len(parts) > 1 else parts[0]
    return records.raw(frame, file, "JSON lines")


def pieces(file: File, ask: Ask, rows: int) -> Iterator[Piece]:
    """Blocks of lines. A name that comes late in a large file is not among the columns."""
    start, names = 0, None
    for frame, line in _parts(file):
        if names is None:
            names = list(ask.expect) if ask.expect else frame.columns
            names = [*names, *(n for n in frame.columns if n not in names)]
        lacking = [
            pl.Series(n, [None] * frame.height, pl.String) for n in names if n not in frame.columns
        ]
        made = frame.with_columns(lacking)[names]
        for begin in range(0, made.height, rows):
            part = made.slice(begin, rows)
            lines = np.arange(part.height, dtype=np.int64) + line + begin
            yield Piece(part, start + begin, part.height, lines, [])
        start += made.height
    if not start:
        raise empty(file.path)


def _parts(file: File) -> Iterator[tuple[pl.DataFrame, int]]:
    """Frames of text and the line on which each begins."""
    held, line = b"", 1
    for block in blocks(file.path, file.encoding):
        held += block
        end = held.rfind(b"\n") + 1
        if len(held) - end > MOST_HELD:
            raise endless(file.path, len(held) - end)
        if end:
            text, held = held[:end], held[end:]
            if text.strip():
                yield records.of_lines(text, file, line), line
            line += text.count(b"\n")
    if held.strip():
        yield records.of_lines(held, file, line), line


def found(file: File) -> bool:
    """The first lines are whole JSON objects."""
    if not file.head.lstrip(b"\xef\xbb\xbf \t\r\n\xff\xfe\0").startswith(b"{"):
        return False
    try:
        lines = [line for line in file.sample.split(b"\n", LOOKED_AT + 1) if line.strip()]
        first = records.decoded(lines[0].removeprefix(b"\xef\xbb\xbf")) if lines else None
    except (HeldoutError, ValueError):
        return False
    if not isinstance(first, dict):
        return False
    alone = len(lines) == 1
    return not (alone and any(isinstance(v, (dict, list)) for v in first.values()))


def size(file: File, ask: Ask) -> Size:
    """By the bytes of the file, and the lines and fields of its first part."""
    lines = max(1, file.sample.count(b"\n"))
    rows = max(1, file.encoding.lines)
    cells = file.sample.count(b":") / lines
    return Size(rows, round(PER_BYTE * file.encoding.size + PER_CELL * rows * max(1.0, cells)))


CARD = FormatCard(
    name="json_lines",
    title="JSON lines",
    about="one JSON object a line",
    endings=(".jsonl", ".ndjson"),
    rank=92,
    found=found,
    read=read,
    size=size,
    pieces=pieces,
    packed=True,
)
