"""What monitoring compares with: counts and edges, never rows (contract 17, joints 13).

``edges`` are inner edges in order; bin i holds the values x with edges[i-1] < x <= edges[i], the
first and the last are open. Edges and ranges are rounded, so that no sample's exact value is told.
"""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np

from heldout.core.arrays import Array, Doubles, Ints
from heldout.tables.schema import NULL, NULL_DATE, Column, Schema
from heldout.tables.table import Columns

BINS = 20
MOST_LEVELS = 50
RARE = 5


def build_reference(
    columns: Columns, schema: Schema, predictions: Doubles | None = None
) -> dict[str, Any]:
    """Describe the training samples.

    ``columns``: typed arrays of the inputs, each (samples,); ``predictions`` (samples, outputs)
    of the shipped model, out of fold. Returns ``{"rows", "columns": {name: {...}}, "scores":
    [per output {"edges", "counts", "mean"}], "ignored": [names]}``, JSON-able; ``ignored`` are
    columns of the table that are no inputs, so that the watch does not call them new.
    """
    described = {c.name: describe(columns[c.name], c) for c in schema.inputs if c.name in columns}
    rows = max((len(v) for v in columns.values()), default=0)
    scores = [] if predictions is None else [_scores(p) for p in np.asarray(predictions).T]
    ignored = [c.name for c in schema if c.role != "input"]
    return {"rows": rows, "columns": described, "scores": scores, "ignored": ignored}


def describe(values: Array, column: Column) -> dict[str, Any]:
    """One column: kind, nulls, and bins or levels."""
    if column.kind == "category":
        return {"kind": column.kind, **_levels(values)}
    if column.kind == "boolean":
        return {"kind": column.kind, **_truths(values, column)}
    numbers, null = measure(values, column)
    return {"kind": column.kind, "nulls": int(null.sum()), **_bins(numbers[~null], column)}


def measure(values: Array, column: Column) -> tuple[Doubles, Array]:
    """The numbers that bins are made of, and which are missing.

    A date counts in microseconds, a text by its length, a picture by its mean brightness;
    infinities count as missing.
    """
    if values.ndim == 4:
        bright = values.reshape(len(values), -1).mean(axis=1, dtype=np.float64)
        return bright, np.zeros(len(values), dtype=bool)
    if column.kind == "date":
        null = values == NULL_DATE
        return values.astype(np.float64), null
    if column.kind in ("text", "image"):
        null = np.fromiter((v == NULL for v in values), bool, len(values))
        return np.fromiter((len(v) for v in values), np.float64, len(values)), null
    numbers = np.asarray(values, dtype=np.float64)
    return numbers, ~np.isfinite(numbers)


def bin_counts(numbers: Doubles, edges: list[float]) -> Ints:
    """How many numbers fall into each of the ``len(edges) + 1`` bins.

    >>> bin_counts(np.array([1.0, 2.0, 2.0, 9.0]), [1.0, 2.0]).tolist()
    [1, 2, 1]
    """
    where = np.searchsorted(np.asarray(edges, dtype=np.float64), numbers, side="left")
    return np.bincount(where, minlength=len(edges) + 1).astype(np.int64)


def level_counts(values: Array) -> dict[str, int]:
    """Counts by level, commonest first, equal counts in order of their text; nulls left out."""
    levels, counts = np.unique(np.asarray(values, dtype=object).astype(str), return_counts=True)
    order = np.lexsort((levels, -counts))
    return {str(levels[i]): int(counts[i]) for i in order if str(levels[i]) != NULL}


def outwards(low: float, high: float, *, whole: bool = False) -> tuple[float, float]:
    """A range rounded outwards, by up to a tenth of its width.

    >>> outwards(0.12345, 9.87654)
    (0.1, 9.9)
    >>> outwards(18.0, 97.0, whole=True)
    (18.0, 97.0)
    """
    step = _step(low, high, whole, 5)
    first, last = math.floor(low / step), math.ceil(high / step)
    below, above = _round(first, step), _round(last, step)
    # At the ends of the float range the division itself rounds.
    below = below if below <= low else _round(first - 1, step)
    above = above if above >= high else _round(last + 1, step)
    return below, above


def _step(low: float, high: float, whole: bool, parts: int = 50) -> float:
    """A power of ten of at most a part of half the width, never below the numbers' own precision."""
    size = max(abs(low), abs(high), 1e-280)
    width = max(high / 2 - low / 2, 0.0) or size / 2
    step = 10.0 ** max(
        math.floor(math.log10(max(width, 1e-290) / parts)), math.floor(math.log10(size)) - 14
    )
    return max(step, 1.0) if whole else step


def _round(multiple: int, step: float) -> float:
    """``multiple * step`` without the noise of 3 * 0.1."""
    value = float(f"{multiple}e{round(math.log10(step))}")
    return min(max(value, -sys.float_info.max), sys.float_info.max)


def _bins(numbers: Doubles, column: Column) -> dict[str, Any]:
    if len(numbers) == 0:
        return {"edges": [], "counts": [0], "low": None, "high": None}
    whole = column.whole or column.kind == "date"
    low, high = float(numbers.min()), float(numbers.max())
    step = _step(low, high, whole)
    low, high = outwards(low, high, whole=whole)
    bins = max(1, min(BINS, len(numbers) // RARE))
    cuts = np.quantile(numbers, np.linspace(0, 1, bins + 1)[1:-1], method="inverted_cdf")
    edges = sorted({_round(math.ceil(cut / step), step) for cut in cuts.tolist()})
    edges = [edge for edge in edges if edge < high]
    return {
        "edges": edges,
        "counts": bin_counts(numbers, edges).tolist(),
        "low": low,
        "high": high,
    }


def _levels(values: Array) -> dict[str, Any]:
    counts = level_counts(values)
    common = [level for level, n in counts.items() if n >= RARE]
    rare = {level: n for level, n in counts.items() if n < RARE}
    shown = common[:MOST_LEVELS]
    return {
        "nulls": int(sum(v == NULL for v in values)),
        "levels": {level: counts[level] for level in shown},
        "more": common[MOST_LEVELS:],
        "rare": {
            "levels": len(counts) - len(shown),
            "rows": sum(rare.values()) + sum(counts[level] for level in common[MOST_LEVELS:]),
        },
    }


def _truths(values: Array, column: Column) -> dict[str, Any]:
    no, yes = column.levels if len(column.levels) == 2 else ("false", "true")
    numbers = np.asarray(values, dtype=np.float64)
    return {
        "nulls": int(np.isnan(numbers).sum()),
        "levels": {no: int((numbers == 0).sum()), yes: int((numbers == 1).sum())},
        "more": [],
        "rare": {"levels": 0, "rows": 0},
    }


def _scores(scores: Doubles) -> dict[str, Any]:
    finite = scores[np.isfinite(scores)]
    bins = _bins(finite, Column("score", "number"))
    return {**bins, "mean": float(finite.mean()) if len(finite) else None}
