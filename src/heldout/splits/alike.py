"""Pictures that are nearly equal: saved again, scaled, or the next of a burst.

Each picture is told by which of 64 parts are brighter than the part beside them; those that agree in
a quarter of these bits and are neighbors in some direction are compared pixel by pixel. The target
is never read.
"""

from __future__ import annotations

import numpy as np

from heldout.core.arrays import Array, Ints
from heldout.tables.table import Table

PARTS, CHUNKS = 8, 4
BESIDE = 3  # so many neighbors of each are looked at
NEAR = 0.06  # of the spread of its own pixels: how far a near copy is from a picture, on average
FLAT = 4.0  # levels of 255: pictures of less spread look alike without being copies
BLOCK = 2_000  # pictures compared at a time


def alike(table: Table) -> Ints:
    """(pairs, 2) rows whose pictures are nearly equal in every column of pictures, exact copies
    aside; none in tables without pictures."""
    names = [c.name for c in table.schema if c.kind == "image" and c.size and c.role != "ignored"]
    pairs: Ints = np.zeros((0, 2), dtype=np.int64)
    for place, name in enumerate(names):
        grey = table.arrays([name])[name].mean(axis=3).astype(np.float32)
        if not place:
            pairs = _candidates(grey)
        pairs = pairs[_equal(grey, pairs)]
    return pairs


def bits(grey: Array) -> Array:
    """(rows, 56) whether each of 8 x 8 parts is brighter than the one on its right."""
    rows, height, width = grey.shape
    high, wide = height // PARTS, width // PARTS
    parts = grey[:, : high * PARTS, : wide * PARTS].reshape(rows, PARTS, high, PARTS, wide)
    mean = parts.mean(axis=(2, 4))
    return np.asarray(mean[:, :, :-1] > mean[:, :, 1:]).reshape(rows, -1)


def _candidates(grey: Array) -> Ints:
    """Rows that agree in a quarter of the bits and are close in one direction of all pixels, each
    quarter and another direction in turn."""
    told = bits(grey)
    size = told.shape[1] // CHUNKS
    weights = 1 << np.arange(size, dtype=np.int64)
    flat = grey.reshape(len(grey), -1)
    rng = np.random.default_rng(0)  # which directions is without meaning
    found = []
    for turn in range(CHUNKS):
        code = told[:, turn * size : (turn + 1) * size] @ weights
        along = flat @ rng.normal(size=flat.shape[1]).astype(np.float32)
        order = np.lexsort((along, code))
        for step in range(1, BESIDE + 1):
            a, b = order[:-step], order[step:]
            same = code[a] == code[b]
            found.append(np.stack([np.minimum(a, b)[same], np.maximum(a, b)[same]], axis=1))
    pairs = np.concatenate(found)
    return np.asarray(np.unique(pairs, axis=0), dtype=np.int64)


def _equal(grey: Array, pairs: Ints) -> Array:
    """Which pairs differ by a trace, and are no flat pictures."""
    kept = np.zeros(len(pairs), dtype=bool)
    for start in range(0, len(pairs), BLOCK):
        a, b = (grey[pairs[start : start + BLOCK, i]] for i in (0, 1))
        spread = np.abs(a - a.mean(axis=(1, 2), keepdims=True)).mean(axis=(1, 2))
        apart = np.abs(a - b).mean(axis=(1, 2))
        kept[start : start + BLOCK] = (spread > FLAT) & (apart <= NEAR * spread)
    return kept
