"""A part of the rows of a table that does not fit into memory, drawn by what each row says.

The same rows are drawn every time, in any order of the rows, on any machine; equal rows are drawn
together or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl

from heldout.core.arrays import Bools, Hashes
from heldout.core.names import count
from heldout.tables import unnamed
from heldout.tables.hashes import MISSING, mix, numbers, word
from heldout.tables.memory import words
from heldout.tables.piece import Piece

SALT = word("heldout sample 1")
LEAST = 1e-6


def row_hashes(frame: pl.DataFrame) -> Hashes:
    """Hashes (rows,) of frames of text; a text that spells a number counts as the number."""
    total = np.zeros(frame.height, dtype=np.uint64)
    for name, cells in unnamed.columns(frame):
        total = total + mix(_cells(cells) ^ word(name))
    return mix(total ^ SALT)


def _cells(series: pl.Series) -> Hashes:
    values = series.cast(pl.Float64, strict=False)
    made = numbers(values.fill_null(float("nan")).to_numpy())
    left = values.is_null() & series.is_not_null()
    if left.any():
        texts = series.filter(left)
        different = texts.unique()
        known = pl.DataFrame(
            {"text": different, "hash": [int(word(t)) for t in different.to_list()]},
            schema={"text": pl.String, "hash": pl.UInt64},
        )
        found = (
            texts.rename("text")
            .to_frame()
            .join(known, on="text", how="left", maintain_order="left")["hash"]
        )
        made = made.copy()
        made[left.to_numpy()] = found.to_numpy()
    made[series.is_null().to_numpy()] = MISSING
    return made


def drawn(hashes: Hashes, share: float) -> Bools:
    """Which rows belong to a sample of this share."""
    return np.asarray(hashes < np.uint64(min(share, 1.0) * (2**64 - 2**12)))


def sampled(pieces: Iterable[Piece], share: float) -> tuple[pl.DataFrame, int]:
    """The drawn rows of all pieces in order, and how many rows there were."""
    share = max(share, LEAST)
    kept: list[pl.DataFrame] = []
    rows = 0
    for piece in pieces:
        rows += piece.rows
        mask = drawn(row_hashes(piece.frame), share)
        if mask.any() or not kept:
            kept.append(piece.frame.filter(pl.Series(mask)).rechunk())
    return pl.concat(kept), rows


def note(rows: int, kept: int, need: int, have: int) -> str:
    """What was done, in words."""
    return (
        f"All {count(rows)} rows would take about {words(need)} of memory, {words(have)} may be "
        f"used: {count(kept)} of them were drawn by the hash of what they say, the same every time."
    )
