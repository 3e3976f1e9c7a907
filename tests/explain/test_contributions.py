"""Contributions are Shapley values: they add up, and are exact where two columns act together."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from heldout.core.seed import Seed
from heldout.explain.background import background
from heldout.explain.contributions import contributions
from heldout.tables.schema import NULL, NULL_DATE, Column, Schema
from heldout.tables.table import Columns


def pairs(c: Columns) -> np.ndarray:
    """A product, two plain columns, one without use."""
    return (2 * c["a"] * c["b"] + c["c"] - c["a"])[:, None]


def triple(c: Columns) -> np.ndarray:
    """Three columns that act together."""
    return (c["a"] * c["b"] * c["c"] + np.where(c["a"] > 0, c["d"], 0.0))[:, None]


def rows(n: int, seed: int) -> dict[str, np.ndarray]:
    """Four columns of noise."""
    rng = Seed(seed).rng()
    return {name: rng.normal(size=n) for name in "abcd"}


def shapley(run: object, row: Columns, other: Columns) -> list[float]:
    """By the definition: every subset of the columns, one ordinary row."""
    names = list(row)
    d = len(names)

    def value(chosen: tuple[bool, ...]) -> float:
        mixed = {n: (row if t else other)[n] for n, t in zip(names, chosen, strict=True)}
        return float(run(mixed)[0, 0])  # type: ignore[operator]

    effects = [0.0] * d
    for chosen in itertools.product([False, True], repeat=d):
        for k in range(d):
            if not chosen[k]:
                s = sum(chosen)
                weight = math.factorial(s) * math.factorial(d - s - 1) / math.factorial(d)
                more = (*chosen[:k], True, *chosen[k + 1 :])
                effects[k] += weight * (value(more) - value(chosen))
    return effects


def exact(run: object, asked: Columns, ordinary: Columns) -> np.ndarray:
    """The mean over ordinary rows, for every asked row."""

    def one(columns: Columns, i: int) -> dict[str, np.ndarray]:
        return {n: v[i : i + 1] for n, v in columns.items()}

    n, r = len(asked["a"]), len(ordinary["a"])
    return np.array(
        [
            np.mean(
                [shapley(run, one(asked, i), one(ordinary, j)) for j in range(r)],
                axis=0,
            )
            for i in range(n)
        ]
    )


def test_pairs_of_columns_are_exact() -> None:
    """One order with its reverse is enough; equal values cost and change nothing."""
    asked, ordinary = rows(3, 0), rows(5, 1)
    asked["c"][0] = ordinary["c"][2]
    found = contributions(pairs, asked, ordinary)
    assert found.effects == pytest.approx(exact(pairs, asked, ordinary), abs=1e-12)
    assert found.effects[:, 3] == pytest.approx(0.0)


@pytest.mark.parametrize("orders", [1, 40])
def test_effects_add_up_and_more_orders_come_nearer(orders: int) -> None:
    """Additivity holds for every model; with orders the rest vanishes, as its error says."""
    asked, ordinary = rows(4, 2), rows(6, 3)
    found = contributions(triple, asked, ordinary, orders=orders)
    assert found.base + found.effects.sum(axis=1) == pytest.approx(found.answers, abs=1e-12)
    assert found.base == pytest.approx(triple(ordinary).mean())
    off = np.abs(found.effects - exact(triple, asked, ordinary)).mean()
    assert off < (0.02 if orders > 1 else 0.3)
    if orders == 1:
        assert off < 2 * float(found.error.mean())


def test_each_row_may_ask_for_an_output_of_its_own() -> None:
    """Several classes: every row is explained for its own class; nothing is random."""

    def two(c: Columns) -> np.ndarray:
        return np.stack([c["a"], 1 - c["a"]], axis=1)

    asked, ordinary = rows(2, 4), rows(3, 5)
    found = contributions(two, asked, ordinary, np.array([0, 1]))
    gap = asked["a"] - ordinary["a"].mean()
    assert found.effects[:, 0] == pytest.approx([gap[0], -gap[1]])
    again = contributions(two, asked, ordinary, np.array([0, 1]))
    assert np.array_equal(found.effects, again.effects)


def test_ordinary_rows_follow_the_reference() -> None:
    """Quantiles and levels in proportion, missing ones too; nothing known: missing."""
    schema = Schema(
        (
            Column("n", "number"),
            Column("k", "category", levels=("x", "y")),
            Column("t", "boolean", levels=("no", "yes")),
            Column("d", "date"),
            Column("w", "text"),
            Column("u", "number"),
            Column("i", "number", whole=True),
        )
    )
    reference = {
        "columns": {
            "n": {"edges": [1.0, 2.0, 3.0], "counts": [10] * 4, "low": 0.0, "high": 4.0},
            "k": {"levels": {"x": 3, "y": 9}, "nulls": 4},
            "t": {"levels": {"no": 1, "yes": 3}},
            "d": {"edges": [], "counts": [0], "low": None, "high": None},
            "i": {"edges": [5.0], "counts": [8, 8], "low": 0.0, "high": 9.0, "nulls": 16},
        }
    }
    made = background(schema, reference)
    assert sorted(made["n"]) == pytest.approx(np.arange(16) / 4 + 0.125)
    assert sorted(made["k"].tolist()) == [NULL] * 4 + ["x"] * 3 + ["y"] * 9
    assert sorted(made["t"].tolist()) == [0.0] * 4 + [1.0] * 12
    assert (made["d"] == NULL_DATE).all()
    assert (made["w"] == NULL).all()
    assert np.isnan(made["u"]).all()
    assert np.isnan(made["i"]).sum() == 8
    assert made["d"].dtype == np.int64
    again = background(schema, reference)
    assert all(np.array_equal(made[n], again[n], equal_nan=made[n].dtype.kind == "f") for n in made)
