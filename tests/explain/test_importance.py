"""Importance finds what drives a model, with an interval that knows what cannot be told."""

from __future__ import annotations

import numpy as np
import pytest

from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.explain.permutation import importance
from heldout.explain.row import explain_row, reference_row
from heldout.tables.schema import NULL, NULL_DATE, Column, Schema
from heldout.tables.table import Columns
from heldout.tasks.task import Task

TASK = Task("regression", "y", "mae", False)
BINARY = Task("binary", "y", "roc_auc", True, classes=("no", "yes"), positive="yes")


def line(columns: Columns) -> np.ndarray:
    """A model that knows two of three columns."""
    return (3 * columns["a"] + columns["b"])[:, None]


def table(n: int = 400) -> dict[str, np.ndarray]:
    """Three independent columns."""
    rng = Seed(0).rng()
    return {name: rng.normal(size=n) for name in "abc"}


def test_what_the_model_uses_is_found_in_order() -> None:
    """a matters more than b; c not at all, exactly."""
    columns = table()
    y = line(columns)[:, 0] + Seed(1).rng().normal(size=400) * 0.1
    found = importance(line, columns, y, TASK, "mae", Seed(0))
    assert [f.column for f in found] == ["a", "b", "c"]
    assert found[0].low is not None
    assert found[0].low > 0
    assert (found[2].drop, found[2].low, found[2].high) == (0.0, 0.0, 0.0)
    again = importance(line, columns, y, TASK, "mae", Seed(0))
    assert found == again


def test_a_column_without_use_has_an_interval_around_nothing() -> None:
    """A model that listens to noise: the interval holds 0 or lies below it."""
    columns = table(800)
    rng = Seed(3).rng()
    y = (columns["a"] + rng.normal(size=800) > 0).astype(float)

    def run(c: Columns) -> np.ndarray:
        p = 1 / (1 + np.exp(-(c["a"] + 0.05 * c["c"])))
        return np.column_stack([1 - p, p])

    found = {f.column: f for f in importance(run, columns, y, BINARY, "roc_auc", Seed(0))}
    assert found["a"].low is not None
    assert found["a"].low > 0.1
    assert found["c"].low is not None
    assert found["c"].high is not None
    assert found["c"].low < 0.01
    assert found["c"].high < 0.05
    assert 0 <= abs(found["c"].drop) < 0.02


def test_many_columns_are_screened_and_time_is_kept() -> None:
    """One shuffle on some samples picks the columns that are measured."""
    columns = table() | {f"n{i}": Seed(i).rng().normal(size=400) for i in range(20)}
    y = line(columns)[:, 0]
    found = importance(line, columns, y, TASK, "mae", Seed(0), columns_max=2)
    assert {f.column for f in found} == {"a", "b"}
    assert importance(line, columns, y, TASK, "mae", Seed(0), deadline=Deadline(0.0)) == []


def test_a_row_of_an_adding_model_is_explained_exactly() -> None:
    """Base, effects and answer add up, and nothing is left that happens only together."""
    row = {"a": np.array([2.0]), "b": np.array([-1.0]), "c": np.array([9.0])}
    told = explain_row(line, row, {"a": 1.0, "b": 0.0, "c": 0.0})
    assert told.answer == pytest.approx(5.0)
    assert told.base == pytest.approx(3.0)
    assert [(c.column, c.effect) for c in told.contributions] == [
        ("a", pytest.approx(3.0)),
        ("b", pytest.approx(-1.0)),
        ("c", pytest.approx(0.0)),
    ]
    assert told.together == pytest.approx(0.0)


def test_what_columns_do_together_is_told() -> None:
    """A product of two columns: half to each, nothing lost."""

    def run(c: Columns) -> np.ndarray:
        return (c["a"] * c["b"])[:, None]

    row = {"a": np.array([2.0]), "b": np.array([3.0])}
    told = explain_row(run, row, {"a": 0.0, "b": 0.0})
    total = told.base + sum(c.effect for c in told.contributions) + told.together
    assert total == pytest.approx(told.answer)
    assert [c.effect for c in told.contributions] == [3.0, 3.0]


def test_an_ordinary_row_comes_from_the_reference() -> None:
    """Medians, commonest levels, and missing where nothing is known."""
    schema = Schema(
        (
            Column("n", "number"),
            Column("k", "category", levels=("x", "y")),
            Column("t", "boolean", levels=("no", "yes")),
            Column("d", "date"),
            Column("w", "text"),
            Column("u", "number"),
        )
    )
    reference = {
        "columns": {
            "n": {"edges": [1.0, 2.0, 3.0], "counts": [10, 10, 10, 10], "low": 0.0, "high": 4.0},
            "k": {"levels": {"x": 3, "y": 9}},
            "t": {"levels": {"no": 1, "yes": 5}},
            "d": {"edges": [], "counts": [0], "low": None, "high": None},
        }
    }
    made = reference_row(schema, reference)
    assert (made["n"], made["k"], made["t"], made["d"], made["w"]) == (
        2.0,
        "y",
        1.0,
        NULL_DATE,
        NULL,
    )
    assert np.isnan(made["u"])

    def count_missing(c: Columns) -> np.ndarray:
        return np.array([[float(v == NULL)] for v in c["w"]])

    row = {
        "n": np.array([5.0]), "k": np.array(["x"], dtype=object), "t": np.array([0.0]),
        "d": np.array([5], dtype=np.int64), "w": np.array(["hello"], dtype=object),
        "u": np.array([1.0]),
    }  # fmt: skip
    told = explain_row(count_missing, row, made)
    assert told.contributions[0].column == "w"
    assert told.contributions[0].reference is None
