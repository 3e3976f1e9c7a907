"""Near copies: found where they were planted, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from heldout.audits import examples
from heldout.core.seed import Seed
from heldout.splits.lowest import MOST_KEYS
from heldout.splits.near import _equal, linked, near_copies
from heldout.splits.protocol import plan
from heldout.splits.samples import make_samples
from heldout.tables.table import Table


def mixed(rows: int, seed: int = 0) -> dict[str, np.ndarray]:
    """Six columns of every sort: normal, skewed, whole, mostly zero, two categories."""
    rng = np.random.default_rng(seed)
    a = rng.normal(size=rows)
    return {
        "a": a,
        "b": a + rng.normal(size=rows),
        "skewed": np.exp(rng.normal(size=rows) * 1.5).round(3),
        "whole": rng.poisson(30, rows) * 1.0,
        "zeros": np.where(rng.random(rows) < 0.8, 0.0, rng.normal(size=rows)),
        "town": rng.choice(np.array(["Bern", "Oslo", "Rom"], dtype=object), rows),
        "kind": rng.choice(np.array(list("abcdefgh"), dtype=object), rows),
    }


def with_copies(
    columns: dict[str, np.ndarray], kind: str, share: float = 0.1, seed: int = 1
) -> Table:
    """The table, and after it a share of its rows again: blurred, or with one cell changed."""
    rng = np.random.default_rng(seed)
    rows = len(next(iter(columns.values())))
    again = rng.permutation(rows)[: int(share * rows)]
    cell = rng.integers(0, len(columns), len(again))
    made = {}
    for place, (name, values) in enumerate(columns.items()):
        copy = values[again]
        if kind == "blurred" and values.dtype.kind == "f":
            copy = copy + rng.normal(size=len(again)) * 0.002
        if kind == "one cell":
            copy = np.where(cell == place, values[rng.integers(0, rows, len(again))], copy)
        made[name] = np.concatenate([values, copy])
    return examples.table(made)


@pytest.mark.requirement("DATA-08")
@pytest.mark.parametrize("kind", ["blurred", "one cell"])
@pytest.mark.parametrize("rows", [300, 1500])
def test_near_copies_are_found(kind: str, rows: int) -> None:
    """Nine of ten, each with the row that it was made from."""
    table = with_copies(mixed(rows), kind)
    near = near_copies(table)
    planted = table.rows - rows
    assert 0.7 * planted <= near.rows <= 1.1 * planted


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("rows", [200, 1000, 4000])
def test_honest_rows_have_none(rows: int, seed: int) -> None:
    """Whatever the size."""
    assert near_copies(examples.table(mixed(rows, seed))).rows == 0


def test_a_table_of_all_combinations_has_none() -> None:
    """A designed experiment: rows differ in one cell by nature, and more of them in two."""
    grid = np.array(np.meshgrid(*[np.arange(4.0)] * 5)).reshape(5, -1)
    assert near_copies(examples.table({f"x{i}": g for i, g in enumerate(grid)})).rows == 0


def test_many_rows_go_through_grids() -> None:
    """Above 50,000 rows no tree is asked for every row; most copies are found all the same."""
    table = with_copies(mixed(60_000), "blurred", share=0.05)
    near = near_copies(table)
    assert near.rows > 0.7 * 3_000
    assert near.keys == MOST_KEYS < table.rows


def test_many_rows_are_judged_by_a_part_of_their_keys() -> None:
    """Both rows of a pair are in the part or neither is, so that it tells what all would."""
    plain = mixed(90_000)
    assert near_copies(examples.table(plain)).rows == 0
    changed = near_copies(with_copies(plain, "one cell", share=0.05))
    assert 0.7 * 4_500 < changed.rows < 1.1 * 4_500
    keys = np.arange(200_000, dtype=np.uint64) // np.uint64(2)
    pairs, different = _equal(keys, 0.2)
    assert pairs == pytest.approx(100_000, rel=0.03)
    assert different == pytest.approx(100_000, rel=0.03)


def test_near_copies_share_a_fold() -> None:
    """No validation row has its near copy in training."""
    table = with_copies({**mixed(600), "y": np.random.default_rng(3).normal(size=600)}, "blurred")
    table = table.with_schema(table.schema.with_roles({"y": "target"}, "target"))
    y = table.arrays(["y"])["y"]
    samples = make_samples(table, examples.task_of(y))
    made = plan(samples, y, examples.task_of(y), Seed(0))
    for fold in made.folds:
        assert not set(samples.copy_of[fold.training]) & set(samples.copy_of[fold.valid])
    assert len(np.unique(samples.copy_of)) < 620


def test_linked_names_the_first_row() -> None:
    """Through chains."""
    of = linked(np.arange(6), np.array([[5, 3], [3, 1]]))
    assert of.tolist() == [0, 1, 2, 1, 4, 1]


def test_rows_that_differ_in_their_only_rich_column_are_no_copies() -> None:
    """A text beside columns that are nearly always empty: the rest is equal for want of content."""
    from heldout.tables.read import read

    rng = np.random.default_rng(0)
    rare = [[None] * 400 for _ in range(4)]
    for j, column in enumerate(rare):
        for i in rng.choice(400, 6, replace=False):
            column[i] = f"more {j} {i % 3}"
    data = {"text": [f"words of row {i} {i % 7}" for i in range(400)], "y": ["a", "b"] * 200}
    table = read({**data, **{f"extra_{j}": c for j, c in enumerate(rare)}})
    assert near_copies(table).rows == 0
