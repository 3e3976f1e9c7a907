"""Typed arrays full of the values that break pipelines."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.core.seed import Seed
from heldout.tables.schema import NULL, NULL_DATE, Column, Schema

if TYPE_CHECKING:
    from collections.abc import Sequence

LARGEST = float(np.finfo(np.float32).max)
NUMBERS = (
    *(np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 1 / 3),
    *(5e-324, -5e-324, 1e-40, 1e-35, 1.0000000180025095e-35),  # the last: LightGBM's zero
    *(1e300, -1e300, 1.7976931348623157e308, 3.5e38, -3.5e38, LARGEST, -LARGEST),
    *(16777217.0, 2.0**53 + 1, 3.4028235677973366e38),  # the last rounds up to infinity
)
TEXTS = (
    *(NULL, "", " ", "  ", "\t", "nan", "NaN", "None", "null", "NA", "?", "0", "1,5", "1e308"),
    *(
        "é",
        "e\u0301",
        "ß",
        "İ",
        "🙂",
        "👩\u200d👩\u200d👧",
        "\u202eabc",
        "\ufeff",
        "\x01",
        "\x01nul",
    ),
    *("x" * 5000, "a\nb", '"', "'", "\\", "%s", "unseen level"),
)
DAY = 86_400_000_000
DATES = (
    *(NULL_DATE, NULL_DATE + 1, 2**63 - 1, 0, -1, 1, 2**62, -(2**62)),
    *(-62_135_596_800_000_000, 253_402_300_799_999_999),  # year 1 and the end of year 9999
    *(951_782_400_000_000, 951_868_799_999_999),  # 29 February 2000, first and last
    *(-DAY, -DAY - 1, -DAY + 1, DAY - 1, DAY, -1_500_000, -999_999),
)


def columns(schema: Schema, rows: int, seed: Seed) -> dict[str, Array]:
    """Typed arrays (``tables.table.Columns``) of every input column: about a third of each are
    hostile values, the rest like those that the schema has seen."""
    return {
        column.name: column_values(column, rows, seed.child("hostile", column.name))
        for column in schema.inputs
    }


def column_values(column: Column, rows: int, seed: Seed) -> Array:
    """One column; each hostile value comes once before chance repeats them."""
    rng = seed.rng()
    if column.kind == "image":
        return _pictures(column, rows, rng)
    if column.kind in ("number", "boolean"):
        return _mixed(_numbers(column, rows, rng), _near(column) + list(NUMBERS), rng)
    if column.kind == "date":
        low, high = int(column.low or 0), int(column.high or 2_000_000_000_000_000)
        seen = rng.integers(low, max(high, low + 1), rows, endpoint=True)
        return _mixed(seen, DATES, rng)
    levels = list(column.levels) or ["a", "b", "c"]
    ordinary = np.empty(rows, object)
    ordinary[:] = [levels[i] for i in rng.integers(len(levels), size=rows)]
    return _mixed(ordinary, [*TEXTS, *_near_levels(levels[:20])], rng)


def _pictures(column: Column, rows: int, rng: np.random.Generator) -> Array:
    """uint8 [rows, h, w, 3]: noise, and every fourth picture of one color (black and white too)."""
    made = rng.integers(0, 256, size=(rows, *column.size, 3), dtype=np.uint8)
    plain = rng.choice(np.array([0, 255, 1, 128], np.uint8), size=(len(made[::4]), 1, 1, 3))
    made[::4] = plain
    if rows > 4:
        made[0], made[4] = 0, 255
    return made


def _mixed(ordinary: Array, hostile: Sequence[object], rng: np.random.Generator) -> Array:
    """Three rows of ten replaced by hostile values, in turn."""
    at = np.flatnonzero(rng.random(len(ordinary)) < 0.3)
    order = rng.permutation(len(hostile))
    for i, row in enumerate(at):
        ordinary[row] = hostile[order[i % len(hostile)]]
    return ordinary


def _numbers(column: Column, rows: int, rng: np.random.Generator) -> Doubles:
    """Like those seen: booleans 0 or 1, whole numbers whole."""
    if column.kind == "boolean":
        return rng.integers(2, size=rows).astype(np.float64)
    low, high = column.low or 0.0, column.high if column.high is not None else 1.0
    values = rng.uniform(low, high, rows) if np.isfinite(high - low) else np.full(rows, low)
    return np.round(values) if column.whole else values


def _near(column: Column) -> list[float]:
    """Values at, beside and beyond the ends of the range, in both precisions."""
    ends = [end for end in (column.low, column.high) if end is not None]
    near = []
    for end in ends:
        near += [end, float(np.nextafter(end, np.inf)), float(np.nextafter(end, -np.inf))]
        if abs(end) < LARGEST:
            single = np.float32(end)
            near += [float(np.nextafter(single, np.float32(way))) for way in (np.inf, -np.inf)]
    span = ends[1] - ends[0] if len(ends) == 2 else 1.0
    return near + [end + way * span for end in ends for way in (-10.0, 10.0)]


def _near_levels(levels: Sequence[str]) -> list[str]:
    """The levels with other case, blanks and accents."""
    made = []
    for level in levels:
        made += [level.swapcase(), f" {level}", f"{level} ", level + "\u0301", level[:-1]]
        made += [unicodedata.normalize(form, level) for form in ("NFC", "NFD")]
    return [text for text in made if "\0" not in text]
