"""From a table to samples: groups, order, copies."""

from __future__ import annotations

import dataclasses

import numpy as np
import polars as pl
import pytest

from heldout.splits.samples import make_samples
from heldout.tables.schema import Column, Schema
from heldout.tables.table import Table
from heldout.tasks.task import Task

FRAME = pl.DataFrame(
    {
        "shop": ["a", "b", "a", None, None],
        "till": [1.0, 1.0, 1.0, 2.0, 2.0],
        "year": [2020.0, 2019.0, 2020.0, None, 2019.0],
        "week": [2.0, 50.0, 1.0, 1.0, 50.0],
        "y": [0.0, 1.0, 0.0, 1.0, 0.0],
    }
)
SCHEMA = Schema(
    (
        Column("shop", "category"),
        Column("till", "number"),
        Column("year", "number"),
        Column("week", "number"),
        Column("y", "number", "target"),
    )
)
TABLE = Table(FRAME, SCHEMA)
TASK = Task("regression", "y", "mae", False)


def test_groups_are_equal_values_of_all_columns_named() -> None:
    """Several columns together name the group; a gap is a value like another."""
    made = make_samples(TABLE, dataclasses.replace(TASK, group=("shop", "till")))
    assert made.group is not None
    assert made.group.tolist() == [0, 1, 0, 2, 2]


@pytest.mark.requirement("EVAL-09")
def test_time_orders_by_the_first_column_first() -> None:
    """2019 week 50 comes before 2020 week 1; a missing time before all; equal times are equal."""
    made = make_samples(TABLE, dataclasses.replace(TASK, time=("year", "week")))
    assert made.time is not None
    assert made.time.tolist() == [3, 1, 2, 0, 1]
    rows = make_samples(TABLE, dataclasses.replace(TASK, time=("row",)))
    assert rows.time is not None
    assert rows.time.tolist() == [0, 1, 2, 3, 4]


def test_copies_are_equal_inputs_whatever_the_target() -> None:
    """Two rows that differ in the target alone are copies."""
    twice = TABLE.take(np.array([0, 1, 0, 2]))
    twice = dataclasses.replace(twice, frame=twice.frame.with_columns(y=pl.Series([0.0, 1, 9, 4])))
    assert make_samples(twice, TASK).copy_of.tolist() == [0, 1, 0, 3]


@pytest.mark.requirement("EVAL-03")
def test_what_is_said_about_columns_does_not_move_the_content() -> None:
    """--drop, --keep, --group, --type: the same rows say the same, ids still do not count."""
    from heldout.splits.content import table_content
    from heldout.tables.read import read

    rng = np.random.default_rng(0)
    frame = pl.DataFrame(
        {
            "customer_id": [f"c{i}" for i in range(200)],
            "plan": rng.integers(1, 4, 200),
            "paid": rng.choice(["yes", "no"], 200),
            "amount": rng.normal(size=200).round(2),
            "y": rng.integers(0, 2, 200),
        }
    )

    def said(**types: str) -> Table:
        table = read(frame, types=types)
        return table.with_schema(table.schema.with_roles({"y": "target"}, "the target"))

    table = said()
    first = table_content(table)
    for role, reason in (
        ("ignored", "dropped: --drop"),
        ("input", "kept: --keep"),
        ("group", "--group"),
    ):
        for name in ("customer_id", "plan", "amount"):
            moved = table.with_schema(table.schema.with_roles({name: role}, reason))  # type: ignore[dict-item]
            assert np.array_equal(table_content(moved), first)
    assert np.array_equal(table_content(said(plan="category")), first)
    assert np.array_equal(table_content(said(paid="category")), first)
