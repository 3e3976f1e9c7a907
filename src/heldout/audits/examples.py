"""Small tables in which a check must find something, and clean ones in which none may."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from heldout.audits.finding import Look, QuickLearner
from heldout.core.arrays import Array, Doubles
from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.primitives.block import Block
from heldout.splits.folds import three
from heldout.tables.schema import NULL, Column, Kind, Role, Schema
from heldout.tables.table import Table
from heldout.tasks.task import Task


def table(
    columns: Mapping[str, Array], roles: Mapping[str, Role] | None = None, **reasons: str
) -> Table:
    """A table of arrays: float64 are numbers, objects are categories."""
    import polars as pl

    made, frame = [], {}
    for name, values in columns.items():
        kind: Kind = "number" if values.dtype.kind == "f" else "category"
        missing = np.isnan(values) if kind == "number" else values == NULL
        known = values[~missing]
        made.append(
            Column(
                name,
                kind,
                (roles or {}).get(name, "input"),
                reasons.get(name, ""),
                nulls=int(missing.sum()),
                distinct=len(set(known.tolist())),
                levels=tuple(sorted(set(known.tolist()))) if kind == "category" else (),
                whole=kind == "number" and bool((known == np.round(known)).all()),
            )
        )
        cells: list[Any] = [None if m else v for v, m in zip(values.tolist(), missing, strict=True)]
        frame[name] = pl.Series(name, cells, pl.Float64 if kind == "number" else pl.String)
    return Table(pl.DataFrame(frame), Schema(tuple(made)), "example")


def task_of(y: Array) -> Task:
    """Binary where the values are 0 and 1, else a number."""
    if set(np.unique(y).tolist()) <= {0.0, 1.0}:
        return Task("binary", "y", "roc_auc", True, classes=("no", "yes"), positive="yes")
    return Task("regression", "y", "mae", False)


def look(
    columns: Mapping[str, Array],
    y: Doubles | None = None,
    roles: Mapping[str, Role] | None = None,
    learner: QuickLearner | None = None,
    **reasons: str,
) -> Look:
    """A look at a table of arrays; with ``y`` for a check that reads the target."""
    if y is None:
        return Look(table(columns, roles, **reasons), None, None, (), Seed(0), Deadline.never())
    with_target = {**columns, "y": y}
    if set(np.unique(y).tolist()) <= {0.0, 1.0}:
        with_target["y"] = np.where(y == 1, "yes", "no").astype(object)
    made = table(with_target, {**(roles or {}), "y": "target"}, **reasons)
    folds = three(len(y), y, None, Seed(0))
    chosen = learner or additive
    rank = np.arange(len(y))
    return Look(made, task_of(y), y, folds, Seed(0), Deadline.never(), chosen, None, rank)


def noise(rows: int = 600, columns: int = 4, seed: int = 0) -> dict[str, Array]:
    """Columns that say nothing."""
    rng = np.random.default_rng(seed)
    return {f"x{i}": rng.normal(size=rows) for i in range(columns)}


def clean(rows: int = 600, seed: int = 0, binary: bool = True) -> Look:
    """A table with honest, shared, noisy information."""
    rng = np.random.default_rng(seed)
    columns = noise(rows, 5, seed)
    columns["kind"] = rng.choice(np.array(["a", "b", "c"], dtype=object), rows)
    signal = columns["x0"] + columns["x1"] + columns["x2"] + 0.6 * (columns["kind"] == "a")
    noisy = signal + rng.normal(size=rows) * 1.5
    return look(columns, (noisy > 0.2).astype(np.float64) if binary else noisy)


def additive(block: Block, y: Doubles, test: Block, _seed: Seed) -> Doubles:
    """A quick learner without a library: ridge on the features and their squares."""
    x, x_test = (np.nan_to_num(np.asarray(b.x, dtype=np.float64)) for b in (block, test))
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-9

    def design(values: Array) -> Array:
        z = np.clip((values - mean) / spread, -5, 5)
        return np.hstack([np.ones((len(z), 1)), z, z * z])

    a = design(x)
    weights = np.linalg.solve(a.T @ a + np.eye(a.shape[1]), a.T @ y)
    answer = design(x_test) @ weights
    if set(np.unique(y).tolist()) <= {0.0, 1.0}:
        p = np.clip(answer, 0.01, 0.99)
        return np.stack([1 - p, p], axis=1)
    return np.asarray(answer[:, None], dtype=np.float64)


def with_table(made: Look, table: Table) -> Look:
    """The same look at another table."""
    return dataclasses.replace(made, table=table, memo={})


def without_target(made: Look) -> Look:
    """The look that a check of the structure gets: neither task nor target."""
    return dataclasses.replace(made, task=None, y=None, folds=(), learner=None, memo={})
