"""New data for a model: chunk by chunk through the schema that was learned in training.

Rows that the schema refuses are reported with row, line, column, value and expectation; the rest
is answered. Memory is bounded by a block of the file, however long it is.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from heldout.core.arrays import Array, Ints
from heldout.tables import read, resemble, unnamed
from heldout.tables.apply import Applied, apply, to_array
from heldout.tables.kind import KINDS
from heldout.tables.pictures import ROWS_AT_ONCE, load, located
from heldout.tables.piece import Piece
from heldout.tables.refusal import Refusal
from heldout.tables.schema import Column, Schema

__all__ = ["Chunk", "Refusal", "chunks"]


@dataclass(frozen=True)
class Chunk:
    """``rows`` rows of the source from ``start`` on.

    ``columns``: typed arrays (``tables.table.Columns``) of the accepted rows, by name of input;
    ``accepted``: their row numbers in the source, from 0; ``refused``: one entry for each cell
    that was refused; ``extra``: the text of *all* columns and rows of the chunk, with names as
    renamed (row i of the chunk is row ``start + i``); ``written``: the targets whose numbers are
    not plain (1.865,45 or $3)."""

    columns: dict[str, Array]
    accepted: Ints
    refused: list[Refusal]
    rows: int
    start: int
    extra: pl.DataFrame
    written: tuple[Column, ...] = ()

    def labels(self, name: str) -> pl.Series:
        """The text of a column at the accepted rows; a target's numbers in plain form."""
        texts = unnamed.column(self.extra, name).gather(self.accepted - self.start)
        for column in self.written:
            if column.name == name:
                read = apply(texts, column)
                return pl.select(
                    pl.when(read.refused).then(texts).otherwise(read.values.cast(pl.String))
                ).to_series()
        return texts


def chunks(
    source: Any,
    schema: Schema,
    *,
    rename: Mapping[str, str] | None = None,
    rows: int = 50_000,
    bundle: str = "",
) -> Iterator[Chunk]:
    """Typed arrays of the inputs of ``schema``, at most ``rows`` rows at a time.

    ``rename`` maps names of the source to names of the schema. Columns that are not needed are
    not looked at. Raises H310 where a needed column is missing (its advice names the ``bundle``
    that asks), and the errors of reading.

    >>> from heldout.tables.read import read
    >>> schema = read({"age": [31, 27, 45], "member": ["yes", "no", "yes"]}).schema
    >>> chunk = next(chunks({"age": ["50", "old"], "member": ["no", ""]}, schema))
    >>> chunk.columns["age"], chunk.accepted, chunk.refused[0].text()
    (array([50.]), array([0]), 'row 1, age: "old" is not a number')
    """
    folder = read.beside(source)
    if any(c.kind == "image" for c in schema.inputs):
        rows = min(rows, ROWS_AT_ONCE)
    first = True
    for piece in _pieces(source, schema, rename, rows):
        frame = _renamed(piece.frame, rename)
        if first:
            missing = [c for c in schema.inputs if c.name not in frame.columns]
            if missing:
                raise resemble.missing_columns(source, missing, frame, schema, bundle)
            first = False
        made = dataclasses.replace(piece, frame=frame)
        yield chunk(made, schema, folder)


def _renamed(frame: pl.DataFrame, rename: Mapping[str, str] | None) -> pl.DataFrame:
    if not rename:
        return frame
    renamed: pl.DataFrame = read.renamed_frame(frame, rename)
    return renamed


def _pieces(
    source: Any, schema: Schema, rename: Mapping[str, str] | None, rows: int
) -> Iterator[Piece]:
    """The source as frames of text with row and line numbers."""
    back = {new: old for old, new in (rename or {}).items()}
    expect = [back.get(c.name, c.name) for c in schema.inputs]
    yield from read.pieces(source, expect, rows)


def chunk(piece: Piece, schema: Schema, folder: Path | None = None) -> Chunk:
    """Apply the edge rule to one piece; names of pictures are relative to ``folder``."""
    frame = piece.frame
    bad = np.zeros(frame.height, dtype=bool)
    refused = list(piece.refused)
    values, seen = {}, {}
    for column in schema.inputs:
        applied = apply(unnamed.column(frame, column.name), column)
        if column.kind == "image":
            seen[column.name], unread = load(located(applied.values, folder).to_list(), column)
            applied = Applied(applied.values, pl.Series(unread))
        values[column.name] = applied.values
        if applied.any:
            bad |= applied.refused.to_numpy()
            expected = KINDS.get(column.kind).expected(column)
            at = applied.refused.arg_true()
            cells = unnamed.column(frame, column.name).gather(at).to_list()
            for i, cell in zip(at.to_list(), cells, strict=True):
                row, line = int(piece.start + piece.rows_at[i]), int(piece.lines[i])
                refused.append(Refusal(row, line, column.name, cell, expected))
    refused.sort(key=lambda r: r.row)
    arrays = {}
    for column in schema.inputs:
        if column.kind == "image":
            arrays[column.name] = seen[column.name][~bad]
            continue
        series = values[column.name]
        arrays[column.name] = to_array(
            series.filter(~pl.Series(bad)) if bad.any() else series, column
        )
    accepted = piece.start + piece.rows_at[~bad]
    written = tuple(
        c
        for c in schema
        if c.role == "target"
        and c.kind == "number"
        and (c.decimal != "." or c.formats or c.missing)
    )
    return Chunk(arrays, accepted, refused, piece.rows, piece.start, _whole(piece), written)


def _whole(piece: Piece) -> pl.DataFrame:
    """The frame with empty rows where a line did not fit, so that rows keep their numbers."""
    if piece.frame.height == piece.rows:
        return piece.frame
    index = pl.DataFrame({"": np.arange(piece.rows)})
    known = piece.frame.with_columns(pl.Series("", piece.rows_at))
    return index.join(known, on="", how="left", maintain_order="left").drop("")
