"""A part of the rows of a source, as text, with their numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl

from heldout.core.arrays import Ints
from heldout.tables.refusal import Refusal


@dataclass(frozen=True)
class Piece:
    """``rows`` rows of the source from ``start`` on; ``frame`` holds those that fit, ``lines``
    the line of each (0: none), ``refused`` the others; ``at`` the places of those that fit."""

    frame: pl.DataFrame
    start: int
    rows: int
    lines: Ints
    refused: list[Refusal] = field(default_factory=list)
    at: Ints | None = None

    @cached_property
    def rows_at(self) -> Ints:
        """The place of each row of the frame within the piece."""
        return np.arange(self.frame.height) if self.at is None else self.at

    def slices(self, rows: int) -> Iterator[Piece]:
        """The piece in parts of at most ``rows`` rows."""
        if self.rows <= rows:
            yield self
            return
        for begin in range(0, self.rows, rows):
            size = min(rows, self.rows - begin)
            inside = np.flatnonzero((self.rows_at >= begin) & (self.rows_at < begin + size))
            first = int(inside[0]) if len(inside) else 0
            refused = [r for r in self.refused if begin <= r.row - self.start < begin + size]
            yield Piece(
                self.frame.slice(first, len(inside)),
                self.start + begin,
                size,
                self.lines[inside],
                refused,
                self.rows_at[inside] - begin,
            )
