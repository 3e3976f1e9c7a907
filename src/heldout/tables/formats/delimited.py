"""Delimited text: CSV, TSV and their kin, in whatever dialect."""

from __future__ import annotations

from collections.abc import Iterator

from heldout.tables import delimited, stream
from heldout.tables.file import File
from heldout.tables.format import Ask, FormatCard, Size
from heldout.tables.infer import Raw
from heldout.tables.piece import Piece

PER_BYTE, PER_CELL = 4, 24  # bytes of memory at the peak, measured (bench/reading.py)
LOOSE = 6  # times as much, where quotes stand within fields and the slow reader is needed


def read(file: File, ask: Ask) -> Raw:
    """The whole file."""
    return delimited.load(file, ask)[0]


def pieces(file: File, ask: Ask, rows: int) -> Iterator[Piece]:
    """The file by blocks of some megabytes."""
    return stream.pieces(file, ask, rows)


def size(file: File, ask: Ask) -> Size:
    """By the bytes and lines of the file, and the fields of its first part."""
    rows = max(1, file.encoding.lines)
    memory = PER_BYTE * file.encoding.size + PER_CELL * rows * max(1, file.dialect.width)
    return Size(rows, memory * (LOOSE if file.dialect.loose else 1))


CARD = FormatCard(
    name="delimited",
    title="delimited text",
    about="CSV, TSV and their kin: comma, semicolon, tab, bar or blanks, guessed and said",
    endings=(".csv", ".tsv", ".txt", ".tab", ".data", ".dat", ".psv"),
    rank=99,
    found=lambda file: True,
    read=read,
    size=size,
    pieces=pieces,
    packed=True,
)
