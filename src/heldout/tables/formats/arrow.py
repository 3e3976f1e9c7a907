"""Arrow files: Feather of version 2, which is the same, and Arrow streams."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from heldout.tables import frames
from heldout.tables.file import File
from heldout.tables.format import Ask, FormatCard, Size
from heldout.tables.infer import Raw
from heldout.tables.piece import Piece

STREAM = b"\xff\xff\xff\xff"
PER_CELL = 40  # bytes of memory at the peak, measured (bench/reading.py)
PER_BYTE = 8  # where only the bytes of a stream are known


def _is_stream(file: File) -> bool:
    return file.head.startswith(STREAM)


def read(file: File, ask: Ask) -> Raw:
    """The whole file or stream; canonical text of each cell."""
    if _is_stream(file):
        frame = frames.guarded(file.path, lambda: pl.read_ipc_stream(file.path))
        return frames.as_text(frame, str(file.path), {"format": "Arrow stream"})
    frame = frames.guarded(file.path, lambda: pl.read_ipc(file.path))
    return frames.as_text(frame, str(file.path), {"format": "Arrow"})


def pieces(file: File, ask: Ask, rows: int) -> Iterator[Piece]:
    """Slices of a file; a stream is read whole."""
    if _is_stream(file):
        from heldout.tables.limited import cut

        return cut(read(file, ask).frame, rows)
    return frames.slices(file.path, pl.scan_ipc(file.path), rows)


def size(file: File, ask: Ask) -> Size:
    """By the counts that the file itself holds."""
    if _is_stream(file):
        return Size(0, PER_BYTE * file.stored)
    rows, columns = frames.shape(file.path, pl.scan_ipc(file.path))
    return Size(rows, PER_CELL * rows * columns + 2 * file.stored)


CARD = FormatCard(
    name="arrow",
    title="Arrow",
    about="Arrow files (Feather 2) and streams",
    endings=(".arrow", ".feather", ".ipc", ".arrows"),
    rank=11,
    found=lambda file: file.head.startswith((b"ARROW1", STREAM)),
    read=read,
    size=size,
    pieces=pieces,
)
