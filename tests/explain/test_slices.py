"""Planted subgroups are found and named; where nothing differs, hardly anything is."""

from __future__ import annotations

import numpy as np
import pytest

from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.explain.slices import search
from heldout.tables.schema import NULL, Column, Schema

SCHEMA = Schema(
    (
        Column("a", "number"),
        Column("b", "number"),
        Column("k", "category"),
        Column("m", "category"),
        Column("w", "text"),
    )
)


def table(n: int, seed: int) -> dict[str, np.ndarray]:
    """Columns that know nothing of each other."""
    rng = Seed(seed).rng()
    return {
        "a": rng.normal(size=n),
        "b": rng.normal(size=n),
        "k": rng.choice(np.array(["x", "y", "z"], dtype=object), n),
        "m": rng.choice(np.array(["u", "v", NULL], dtype=object), n, p=[0.5, 0.4, 0.1]),
        "w": np.array(["text"] * n, dtype=object),
    }


def losses(n: int, seed: int) -> np.ndarray:
    """Log losses of honest probabilities, rows alike."""
    rng = Seed(seed).child("loss").rng()
    p = 1 / (1 + np.exp(-rng.normal(size=n)))
    return np.where(rng.uniform(size=n) < p, -np.log(p), -np.log(1 - p))


def test_a_planted_level_is_found_alone() -> None:
    """Rows of k = y lose half as much again: one subgroup, no cross of it."""
    columns, loss = table(4_000, 0), losses(4_000, 0)
    loss = loss * np.where(columns["k"] == "y", 1.6, 1.0)
    found = search(columns, loss, SCHEMA)
    assert [s.words for s in found.slices] == ["k is y"]
    only = found.slices[0]
    assert only.rows.sum() == (columns["k"] == "y").sum()
    assert 1.4 < only.ratio < 1.9
    assert 0 < only.effect < only.loss - only.rest
    assert found.level > 0.999
    assert found.whole


def test_a_planted_cross_is_found_as_a_cross() -> None:
    """Only old rows of level x: neither column alone tells it."""
    columns, loss = table(6_000, 1), losses(6_000, 1)
    inside = (columns["k"] == "x") & (columns["a"] > np.quantile(columns["a"], 0.8))
    found = search(columns, loss * np.where(inside, 2.0, 1.0), SCHEMA)
    assert len(found.slices) == 1
    assert {p.column for p in found.slices[0].parts} == {"a", "k"}
    assert (found.slices[0].rows == inside).mean() > 0.99


def test_missing_values_are_a_subgroup() -> None:
    """Rows without a value of m are answered worse."""
    columns, loss = table(3_000, 2), losses(3_000, 2)
    found = search(columns, loss * np.where(columns["m"] == NULL, 2.0, 1.0), SCHEMA)
    assert [s.words for s in found.slices] == ["m is missing"]
    assert found.slices[0].parts[0].as_dict() == {"column": "m", "missing": True}


def test_silence_where_nothing_differs() -> None:
    """At most 5 in 100 homogeneous tables may name anything; heavy tails and few rows too."""
    named = 0
    for seed in range(60):
        n = (300, 1_000, 3_000)[seed % 3]
        loss = losses(n, seed)
        if seed % 2:
            loss = np.abs(Seed(seed).child("t").rng().standard_t(3, size=n))
        named += bool(search(table(n, seed), loss, SCHEMA).slices)
    assert named <= 3


def test_rows_of_one_unit_count_less() -> None:
    """Losses that are alike within 30 units of 100 rows, and a column that names the unit: what
    rows alone would call certain is the luck of a few units."""
    named = {True: 0, False: 0}
    for seed in range(12):
        columns, unit = table(3_000, seed), np.repeat(np.arange(30), 100)
        rng = Seed(seed).child("unit").rng()
        loss = losses(3_000, seed) * np.exp(rng.normal(size=30) * 0.5)[unit]
        columns["k"] = np.array(["x", "y", "z"], dtype=object)[unit % 3]
        for grouped in named:
            found = search(columns, loss, SCHEMA, groups=unit if grouped else None)
            named[grouped] += bool(found.slices)
    assert named[True] <= 2
    assert named[False] >= 6


def test_time_is_kept_and_small_tables_say_nothing() -> None:
    """After the deadline single columns only; below 100 rows nothing."""
    columns, loss = table(1_000, 3), losses(1_000, 3)
    whole, short = (search(columns, loss, SCHEMA, deadline=d) for d in (None, Deadline(0.0)))
    assert short.looked_at < whole.looked_at
    assert not short.whole
    assert search(table(80, 0), losses(80, 0), SCHEMA).looked_at == 0
    assert search(columns, np.ones(1_000), SCHEMA).slices == ()


@pytest.mark.parametrize("distinct", [2, 9])
def test_parts_cover_every_row_once(distinct: int) -> None:
    """Few distinct numbers are levels, many are fifths."""
    from heldout.explain.parts import parted

    values = np.arange(400.0) % distinct
    made = parted(values, Column("a", "number"), 20)
    assert made is not None
    assert (made.codes >= 0).all()
    assert len(made.parts) == (2 if distinct == 2 else 5)
