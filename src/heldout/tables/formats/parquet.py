"""Parquet."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from heldout.tables import frames
from heldout.tables.file import File
from heldout.tables.format import Ask, FormatCard, Size
from heldout.tables.infer import Raw
from heldout.tables.piece import Piece

PER_CELL = 40  # bytes of memory at the peak, measured (bench/reading.py)


def read(file: File, ask: Ask) -> Raw:
    """The whole file; canonical text of each cell."""
    frame = frames.guarded(file.path, lambda: pl.read_parquet(file.path))
    return frames.as_text(frame, str(file.path), {"format": "Parquet"})


def pieces(file: File, ask: Ask, rows: int) -> Iterator[Piece]:
    """Slices; only they are decoded."""
    return frames.slices(file.path, pl.scan_parquet(file.path), rows)


def size(file: File, ask: Ask) -> Size:
    """By the counts that the file itself holds, and its bytes."""
    rows, columns = frames.shape(file.path, pl.scan_parquet(file.path))
    return Size(rows, PER_CELL * rows * columns + 2 * file.stored)


CARD = FormatCard(
    name="parquet",
    title="Parquet",
    about="columns, typed and packed",
    endings=(".parquet", ".pq"),
    rank=10,
    found=lambda file: file.head.startswith(b"PAR1"),
    read=read,
    size=size,
    pieces=pieces,
)
