"""Training data on disk, and the recipes fitted from it."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heldout.core.seed import Seed
from heldout.primitives.views import make_spec
from heldout.search.data import FINAL, ColumnFiles, TrainingData, write_columns
from heldout.search.prepare import Kitchen
from small_searches import Problem

WORDS = st.text(st.characters(), max_size=6) | st.sampled_from(["\ud800", "\x01null", "", "\x00"])


@settings(max_examples=25, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=12), st.data())
def test_columns_come_back_bit_for_bit(words: list[str], data: st.DataObject) -> None:
    n = len(words)
    numbers = np.array(data.draw(st.lists(st.floats(width=64), min_size=n, max_size=n)))
    dates = np.array(data.draw(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=n, max_size=n)))
    columns = {"é": np.array(words, dtype=object), "x": numbers, "when": dates.astype(np.int64)}
    with tempfile.TemporaryDirectory() as folder:
        write_columns(Path(folder), columns)
        files = ColumnFiles(Path(folder))
        rows = np.arange(n)[::-1]
        found, some = files.take(columns), files.take(columns, rows)
        for name, values in columns.items():
            assert found[name].dtype == values.dtype
            assert found[name].tobytes() == values.tobytes() or values.dtype == object
            assert np.array_equal(some[name][::-1], found[name], equal_nan=name == "x")
        assert found["é"].tolist() == words


def written(problem: Problem, folder: Path, **more: object) -> TrainingData:
    specs = {v: make_spec(v, problem.schema, problem.task) for v in ("trees", "linear")}
    return TrainingData.write(
        folder, problem.table.arrays(), problem.schema, problem.task, problem.y, problem.plan,
        specs, seed=Seed(0), **more,
    )  # fmt: skip


def test_a_worker_reads_what_the_parent_wrote(problem: Problem, tmp_path: Path) -> None:
    made = written(problem, tmp_path, weights=np.linspace(1, 2, len(problem.y)))
    read = TrainingData.read(tmp_path)
    assert (read.task, read.schema, read.specs) == (made.task, made.schema, made.specs)
    assert np.array_equal(read.y, problem.y)
    assert read.weights is not None
    assert [f.number for f in read.folds] == [
        f.number for f in (*problem.plan.folds, *problem.plan.more)
    ]
    for fold, expected in zip(read.folds, problem.plan.folds, strict=False):
        assert np.array_equal(fold.valid, expected.valid)
        assert np.array_equal(fold.training, expected.training)


def test_inner_folds_keep_units_together_and_cover_all_rows(
    problem: Problem, tmp_path: Path
) -> None:
    unit = np.arange(len(problem.y)) // 3
    data = written(problem, tmp_path, unit=unit)
    rows = data.training(2)
    folds = data.inner_folds(rows, 2)
    assert len(folds) == 5
    assert np.array_equal(np.sort(np.concatenate([v for _, v in folds])), np.arange(len(rows)))
    for train, valid in folds:
        assert not set(unit[rows[train]]) & set(unit[rows[valid]])
    assert all(
        np.array_equal(a[1], b[1]) for a, b in zip(folds, data.inner_folds(rows, 2), strict=True)
    )


@pytest.mark.parametrize("view", ["trees", "linear"])
def test_the_other_worker_reads_the_recipe_that_the_first_one_fitted(
    problem: Problem, tmp_path: Path, view: str
) -> None:
    data = written(problem, tmp_path / "data")
    first = Kitchen(data, tmp_path / "recipes").get(view, 0)
    second = Kitchen(TrainingData.read(tmp_path / "data"), tmp_path / "recipes").get(view, 0)
    assert second.recipe == first.recipe
    for a, b in ((first.training, second.training), (first.valid, second.valid)):
        assert a is not None
        assert b is not None
        assert np.array_equal(a.samples, b.samples)
        for name, part in a.parts.items():
            assert part.values.tobytes() == b.parts[name].values.tobytes()
            assert dataclasses.replace(part, values=0) == dataclasses.replace(
                b.parts[name], values=0
            )
    assert Kitchen(data, tmp_path / "recipes").get(view, FINAL).valid is None


@pytest.mark.requirement("PREP-02")
def test_a_poisoned_fold_changes_nothing_that_others_are_predicted_with(
    problem: Problem, tmp_path: Path
) -> None:
    valid = problem.plan.folds[0].valid
    columns = problem.table.arrays()
    poisoned = {k: v.copy() for k, v in columns.items()}
    poisoned["age"][valid] = 1e30
    poisoned["city"][valid] = "nowhere"
    y = problem.y.copy()
    y[valid] = 1 - y[valid]
    blocks = []
    for name, table, target in (("a", columns, problem.y), ("b", poisoned, y)):
        specs = {"linear": make_spec("linear", problem.schema, problem.task)}
        data = TrainingData.write(
            tmp_path / name, table, problem.schema, problem.task, target, problem.plan, specs,
            seed=Seed(0),
        )  # fmt: skip
        blocks.append(Kitchen(data, tmp_path / f"recipes {name}").get("linear", 0))
    assert blocks[0].recipe == blocks[1].recipe
    assert blocks[0].training.x.tobytes() == blocks[1].training.x.tobytes()
