"""Importance finds what drives a model, with an interval that knows what cannot be told."""

from __future__ import annotations

import numpy as np

from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.explain.permutation import importance
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
