"""Ordinary rows to compare with, made from ``reference.json``: never a row of the data.

Each column is drawn on its own, one value from each equal share of its distribution (missing
values and levels in proportion), and shuffled against the others. So sixteen rows stand for the
columns' distributions better than sixteen draws would; how columns hang together is not kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.core.seed import Seed
from heldout.tables.schema import NULL, NULL_DATE, Column, Schema

ROWS = 16


def background(schema: Schema, reference: Mapping[str, Any], rows: int = ROWS) -> dict[str, Array]:
    """Typed arrays (rows,) by column; the same ones at every call.

    Texts are missing in all of them: a text is compared with having none.
    """
    described: Mapping[str, Any] = reference.get("columns", {})
    made = {}
    for column in schema.inputs:
        order = Seed(0).child("background", column.name).rng().permutation(rows)
        made[column.name] = _column(column, described.get(column.name, {}), rows)[order]
    return made


def _column(column: Column, described: Mapping[str, Any], rows: int) -> Array:
    """Values in order of their share."""
    shares = (np.arange(rows) + 0.5) / rows
    if column.kind in ("text", "image"):
        return np.full(rows, NULL, dtype=object)
    if column.kind in ("category", "boolean"):
        return _levels(column, described, shares)
    counts = np.asarray(described.get("counts") or [0], dtype=np.float64)
    gone, known = float(described.get("nulls") or 0), float(counts.sum())
    missing = shares < gone / max(gone + known, 1.0)
    low, high = described.get("low"), described.get("high")
    empty = known == 0 or low is None or high is None
    if empty:
        missing = np.ones(rows, dtype=bool)
        low, high = 0.0, 0.0
    ends = np.array([low, *(described.get("edges") or []), high], dtype=np.float64)
    kept = ~missing
    values = np.zeros(rows)
    if kept.any() and not empty:
        values[kept] = _quantiles(_even(int(kept.sum())), ends, counts)
    if column.kind == "date":
        return np.where(missing, np.int64(NULL_DATE), np.round(values).astype(np.int64))
    if column.whole:
        values = np.round(values)
    return np.where(missing, np.nan, values)


def _even(n: int) -> Doubles:
    return (np.arange(n) + 0.5) / n


def _quantiles(shares: Doubles, ends: Doubles, counts: Doubles) -> Doubles:
    """Where these shares of the counted values lie, even inside a bin.

    >>> _quantiles(np.array([0.25, 0.75]), np.array([0.0, 1.0, 9.0]), np.array([5.0, 5.0])).tolist()
    [0.5, 5.0]
    """
    below = np.append(0.0, np.cumsum(counts)) / counts.sum()
    at = np.clip(np.searchsorted(below, shares, side="right") - 1, 0, len(counts) - 1)
    width = below[at + 1] - below[at]
    part = np.divide(shares - below[at], width, out=np.full_like(shares, 0.5), where=width > 0)
    return np.asarray(ends[at] * (1 - part) + ends[at + 1] * part, dtype=np.float64)


def _levels(column: Column, described: Mapping[str, Any], shares: Doubles) -> Array:
    """Levels in proportion to their counts, then the missing ones; rare levels left out."""
    levels: Mapping[str, int] = described.get("levels") or {}
    names = [*levels, NULL]
    counts = np.array([*levels.values(), int(described.get("nulls") or 0)], dtype=np.float64)
    if not counts.sum():
        counts[-1] = 1.0
    at = np.searchsorted(np.cumsum(counts) / counts.sum(), shares, side="right")
    found = np.array([names[int(i)] for i in np.minimum(at, len(names) - 1)], dtype=object)
    if column.kind == "category":
        return found
    code = {level: float(k) for k, level in enumerate(column.levels or ("false", "true"))}
    return np.array([code.get(str(v), np.nan) for v in found])
