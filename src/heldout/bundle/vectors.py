"""Synthetic rows with their answers: every runtime repeats them when it loads a bundle.

48 rows are drawn column by column from the reference (never copies of rows), 16 are hostile. In
JSON a number is written as its shortest decimal (NaN null, infinities "inf" and "-inf"), a date as
a decimal text of microseconds (JavaScript would round a number), a text as it is. A picture is
the five whole numbers of its ``pattern``; with pictures the first 16 rows suffice.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.core.seed import Seed
from heldout.metrics.scoring import Cut
from heldout.tables.schema import NULL, NULL_DATE, Column, Schema
from heldout.tables.table import Columns

DRAWN, HOSTILE, PICTURES = 48, 16, 16
Run = Callable[[Columns], Mapping[str, Array]]

_NUMBERS = (
    math.nan, math.inf, -math.inf, 0.0, -0.0, 5e-324, 1e-40, 1e300, -1e300, 3.5e38,
    16777217.0, 2.0**53 + 2, 1 / 3, -1.0, 1e-35, 1.0000000180025095e-35,
)  # fmt: skip
_TEXTS = (
    NULL, "", " ", "nan", "None", "NULL", "?", "a level that nobody saw", "É", "E\u0301",
    "😀", "x" * 500, "0", "-1", "TRUE", "1,5",
)  # fmt: skip
_DATES = (
    NULL_DATE, 0, -1, 1, 2**62, -(2**62), -62135596800000000, 253402300799999999,
    951782400000000, 951868799999999, 68169600000000, -86400000001, 1582934400000000,
    4102444800000000, -2208988800000000, 86399999999,
)  # fmt: skip


def build_vectors(
    schema: Schema,
    run: Run,
    seed: Seed | int,
    reference: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """64 rows and what ``run`` answers to them: ``{"columns", "outputs"}``, JSON-able.

    ``run`` takes typed columns and returns named outputs: ``Session.run`` or ``Bundle.run``.
    Without ``reference``, rows are drawn from the ranges and levels of the schema.
    """
    root = seed if isinstance(seed, Seed) else Seed(int(seed))
    known = (reference or {}).get("columns", {})
    pictures = [c for c in schema.inputs if c.kind == "image"]
    columns = {
        c.name: _column(c, known.get(c.name, {}), root.child("vectors", c.name).rng())
        for c in schema.inputs
        if c.kind != "image"
    }
    stored = {n: encode(v[:PICTURES] if pictures else v) for n, v in columns.items()}
    for c in pictures:
        drawn = root.child("vectors", c.name).rng().integers(0, 256, size=(PICTURES, 5))
        drawn[0], drawn[1] = (0, 0, 0, 0, 0), (255, 0, 0, 0, 0)
        stored[c.name] = drawn.tolist()
    outputs = run(decode_columns({"columns": stored}, schema) if pictures else columns)
    return {
        "columns": stored,
        "outputs": {n: encode(v) for n, v in outputs.items()},
    }


def encode(values: Array) -> list[Any]:
    """An array as JSON; see the head of this file."""
    if values.ndim > 1:
        return [encode(row) for row in values]
    if values.dtype.kind == "O":
        return [str(v) for v in values]
    if values.dtype.kind == "f":
        return [_number(float(v)) for v in values]
    return [str(int(v)) for v in values]


def decode(values: list[Any], kind: str) -> Array:
    """The inverse of ``encode``: "number", "text" or "whole".

    >>> decode(encode(np.array([np.nan, -np.inf, 0.1])), "number").tolist()
    [nan, -inf, 0.1]
    """
    if kind == "text":
        return np.asarray(values, dtype=object)
    if kind == "whole":
        return np.asarray(values, dtype=np.str_).astype(np.int64)
    nan = float("nan")
    return np.array(
        [
            [nan if x is None else float(x) for x in v]
            if isinstance(v, list)
            else nan
            if v is None
            else float(v)
            for v in values
        ],
        dtype=np.float64,
    )


def decode_columns(vectors: Mapping[str, Any], schema: Schema) -> dict[str, Array]:
    """The typed input columns of stored vectors."""
    kinds = {"category": "text", "text": "text", "date": "whole"}
    return {
        name: patterns(values, schema[name].size)
        if schema[name].kind == "image"
        else decode(values, kinds.get(schema[name].kind, "number"))
        for name, values in vectors["columns"].items()
    }


def patterns(numbers: list[list[int]], size: tuple[int, ...]) -> Array:
    """Synthetic pictures uint8 [n, h, w, 3]: at row y, column x, color c the value of five numbers
    is (n0 + n1 y + n2 x + n3 c + n4 x y) mod 256.

    >>> patterns([[1, 10, 100, 0, 0]], (2, 2))[0, :, :, 0].tolist()
    [[1, 101], [11, 111]]
    """
    height, width = size
    y, x, c = np.ogrid[:height, :width, :3]
    made = [(n[0] + n[1] * y + n[2] * x + n[3] * c + n[4] * x * y) % 256 for n in numbers]
    return np.array(made, dtype=np.uint8).reshape(-1, height, width, 3)


def largest_difference(
    expected: Mapping[str, Any], found: Mapping[str, Array], scale: float = 1.0
) -> float:
    """The largest relative difference over the float outputs: |a - b| / max(1, |a|, scale).

    Infinity where a shape, a name or a NaN differs.
    """
    worst = 0.0
    for name, values in expected.items():
        if name not in found:
            return math.inf
        if found[name].dtype.kind != "f":
            continue
        a, b = decode(values, "number"), np.asarray(found[name], dtype=np.float64)
        if a.shape != b.shape or not np.array_equal(np.isnan(a), np.isnan(b)):
            return math.inf
        worst = max(worst, _relative(a, b, scale))
    return worst


def flipped(
    expected: Mapping[str, Any], found: Mapping[str, Array], tolerance: float, threshold: Cut
) -> int:
    """Decisions that differ although the probabilities are not within ``tolerance`` of a tie."""
    if "decision" not in expected or "decision" not in found:
        return 0
    if np.ndim(found["decision"]) == 2:
        return _flipped_labels(expected, found, tolerance, threshold)
    wanted = decode(expected["decision"], "whole").ravel()
    differs = wanted != np.asarray(found["decision"]).ravel()
    if not differs.any() or "probability" not in found:
        return int(differs.sum())
    p = np.sort(np.asarray(found["probability"], dtype=np.float64), axis=1)
    gap = p[:, -1] - p[:, -2]
    if p.shape[1] == 2:
        at = threshold if isinstance(threshold, float) else 0.5
        gap = np.abs(np.asarray(found["probability"]) - at).min(axis=1)
    return int((differs & ~(gap <= tolerance)).sum())


def _flipped_labels(
    expected: Mapping[str, Any], found: Mapping[str, Array], tolerance: float, threshold: Cut
) -> int:
    """Of several labels, each by its own threshold."""
    differs = decode(expected["decision"], "whole") != np.asarray(found["decision"])
    limits = np.asarray(0.5 if threshold is None else threshold, dtype=np.float64)
    gap = np.abs(np.asarray(found["probability"], dtype=np.float64) - limits)
    return int((differs & ~(gap <= tolerance)).sum())


def _relative(a: Doubles, b: Doubles, scale: float) -> float:
    same = (a == b) | np.isnan(a)
    with np.errstate(invalid="ignore", over="ignore"):
        difference = np.abs(a - b) / np.maximum(np.maximum(1.0, np.abs(a)), scale)
    return float(np.max(np.where(same, 0.0, difference), initial=0.0))


def _number(value: float) -> float | str | None:
    if math.isnan(value):
        return None
    return value if math.isfinite(value) else ("inf" if value > 0 else "-inf")


def _column(column: Column, known: Mapping[str, Any], rng: np.random.Generator) -> Array:
    """48 drawn values and 16 hostile ones, shuffled against the other columns."""
    share = 0.15 if column.nulls or known.get("nulls") else 0.05
    null = rng.random(DRAWN) < share
    if column.kind in ("category", "text"):
        levels = list(known.get("levels", ())) or list(column.levels) or ["a", "b c", "d-e"]
        drawn = np.array(
            [levels[int(i)] for i in rng.integers(len(levels), size=DRAWN)], dtype=object
        )
        drawn[null] = NULL
        hostile = np.array([_TEXTS[int(i)] for i in rng.permutation(HOSTILE)], dtype=object)
        return np.concatenate([drawn, hostile])
    if column.kind == "date":
        drawn = np.round(_between(column, known, rng, (0.0, 1.7e15))).astype(np.int64)
        drawn[null] = NULL_DATE
        return np.concatenate([drawn, np.array(_DATES, dtype=np.int64)[rng.permutation(HOSTILE)]])
    if column.kind == "boolean":
        drawn = rng.integers(2, size=DRAWN).astype(np.float64)
        hostile = np.array([0.0, 1.0, math.nan, 1.0] * 4)
    else:
        drawn = _between(column, known, rng, (-1.0, 1.0))
        drawn = np.round(drawn) if column.whole else np.array([float(f"{v:.6g}") for v in drawn])
        hostile = np.array(_NUMBERS)[rng.permutation(HOSTILE)]
    drawn[null] = math.nan
    return np.concatenate([drawn, hostile])


def _between(
    column: Column, known: Mapping[str, Any], rng: np.random.Generator, default: tuple[float, float]
) -> Doubles:
    """Uniform inside a random bin of the reference, or in the range of the schema."""
    low, high = known.get("low", column.low), known.get("high", column.high)
    if low is None or high is None:
        low, high = default
    ends = np.array([low, *known.get("edges", ()), high], dtype=np.float64)
    at = rng.integers(len(ends) - 1, size=DRAWN)
    part = rng.random(DRAWN)
    return ends[at] * (1 - part) + ends[at + 1] * part
