"""Streams of rows for the watch: hostile to naive tests, calm unless a change is planted."""

from __future__ import annotations

from typing import Any

import numpy as np

from heldout.bundle.reference import build_reference
from heldout.tables.schema import NULL, NULL_DATE, Column, Schema

SCHEMA = Schema(
    (
        Column("amount", "number"),
        Column("visits", "number", whole=True),
        Column("flag", "boolean", levels=("no", "yes")),
        Column("plan", "category"),
        Column("city", "category"),  # a long tail
        Column("shop", "category"),  # many levels of about four rows each
        Column("opened", "date"),
        Column("note", "text"),
    )
)


def draw(rows: int, rng: np.random.Generator, scale: float = 1.0) -> dict[str, np.ndarray]:
    """Calm rows; ``scale`` is rows of the reference / 2,000 and keeps levels as rare as there."""
    amount = np.exp(rng.normal(3, 1, rows))
    amount[rng.random(rows) < 0.05] = np.nan
    zipf = 1 / np.arange(1, 401)
    shops = int(500 * scale)
    text = lambda words, p=None: rng.choice(words, rows, p=p).astype(object)  # noqa: E731
    plan = text(["a", "b", "c"], [0.7, 0.28, 0.02])
    plan[rng.random(rows) < 0.01] = NULL
    opened = rng.integers(0, 10**15, rows)
    opened[rng.random(rows) < 0.02] = NULL_DATE
    return {
        "amount": amount,
        "visits": rng.poisson(1.2, rows).astype(float),
        "flag": (rng.random(rows) < 0.03).astype(float),
        "plan": plan,
        "city": text([f"c{i}" for i in range(400)], zipf / zipf.sum()),
        "shop": text([f"s{i}" for i in range(shops)]),
        "opened": opened,
        "note": np.array(["x" * int(n) for n in rng.integers(0, 40, rows)], dtype=object),
    }


def scores(rows: int, rng: np.random.Generator) -> np.ndarray:
    """Predictions (rows, 2) of a binary model."""
    p = rng.beta(1, 3, rows)
    return np.column_stack([1 - p, p])


def reference(rows: int, rng: np.random.Generator) -> dict[str, Any]:
    """What a bundle would carry after training on calm rows."""
    return build_reference(draw(rows, rng, rows / 2000), SCHEMA, scores(rows, rng))
