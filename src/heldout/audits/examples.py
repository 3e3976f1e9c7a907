"""Small tables in which a check must find something, and clean ones in which none may."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from heldout.audits.finding import Look, QuickLearner, Trained
from heldout.core.arrays import Array, Doubles
from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.primitives.block import Block
from heldout.splits.folds import three
from heldout.tables.schema import NULL, Column, Kind, Role, Schema
from heldout.tables.table import Table
from heldout.tasks.task import Task

KIND_OF: dict[str, Kind] = {"f": "number", "O": "category", "b": "boolean", "M": "date"}


def table(
    columns: Mapping[str, Array],
    roles: Mapping[str, Role] | None = None,
    kinds: Mapping[str, Kind] | None = None,
    **reasons: str,
) -> Table:
    """A table of arrays: float64 are numbers, objects categories, bool booleans, datetime64 dates.

    ``kinds`` overrides that for columns of objects (text, image)."""
    import polars as pl

    made, frame = [], {}
    for name, values in columns.items():
        kind: Kind = (kinds or {}).get(name) or KIND_OF[values.dtype.kind]
        column = Column(name, kind, (roles or {}).get(name, "input"), reasons.get(name, ""))
        made.append(_counted(column, values))
        frame[name] = _series(name, kind, values)
    return Table(pl.DataFrame(frame), Schema(tuple(made)), "example")


def _missing(values: Array) -> Array:
    if values.dtype.kind == "f":
        return np.isnan(values)
    if values.dtype.kind == "M":
        return np.isnat(values)
    return np.asarray(values == NULL, dtype=bool)


def _counted(column: Column, values: Array) -> Column:
    """The column with what reading would have counted."""
    missing = _missing(values)
    known = values[~missing]
    column = column.replace(nulls=int(missing.sum()), distinct=len(set(known.tolist())))
    if column.kind == "boolean":
        return column.replace(levels=("no", "yes"))
    if column.kind == "category":
        return column.replace(levels=tuple(sorted(set(known.tolist()))))
    if column.kind != "number" or not len(known):
        return column
    finite = known[np.isfinite(known)]
    whole = len(finite) == len(known) and bool((known == np.round(known)).all())
    return column.replace(whole=whole, low=float(finite.min()), high=float(finite.max()))


def _series(name: str, kind: str, values: Array) -> Any:
    import polars as pl

    if kind == "date":
        return pl.Series(name, values.astype("datetime64[us]"))
    missing = _missing(values)
    if kind in ("number", "boolean"):
        numbers = np.where(missing, np.nan, values.astype(np.float64))
        return pl.Series(name, numbers, pl.Float64).fill_nan(None)
    cells = [None if m else v for v, m in zip(values.tolist(), missing, strict=True)]
    return pl.Series(name, cells, pl.String)


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
    kinds: Mapping[str, Kind] | None = None,
    **reasons: str,
) -> Look:
    """A look at a table of arrays; with ``y`` for a check that reads the target."""
    if y is None:
        plain = table(columns, roles, kinds, **reasons)
        return Look(plain, None, None, (), Seed(0), Deadline.never())
    with_target = {**columns, "y": y}
    if set(np.unique(y).tolist()) <= {0.0, 1.0}:
        with_target["y"] = np.where(y == 1, "yes", "no").astype(object)
    made = table(with_target, {**(roles or {}), "y": "target"}, kinds, **reasons)
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


def mixed(rows: int = 600, seed: int = 0, binary: bool = True) -> Look:
    """A clean table with every kind of column: whole numbers, amounts, dates, words, gaps."""
    rng = np.random.default_rng(seed + 1_000)
    columns: dict[str, Array] = {
        "height": np.round(rng.normal(171, 9, rows), 1),
        "visits": rng.poisson(24, rows) + 40.0,
        "share": rng.uniform(0, 1, rows),
        "amount": np.round(np.exp(rng.normal(3, 0.35, rows)), 2),
        "left": rng.normal(size=rows),
        "town": rng.choice(np.array(["Oslo", "Rome", "Lima", "Kyiv", "Bonn"], dtype=object), rows),
        "grade": rng.choice(np.array(["red", "green", "blue"], dtype=object), rows),
        "member": rng.random(rows) < 0.4,
        "day": np.datetime64("2024-01-01") + rng.integers(0, 700, rows).astype("timedelta64[D]"),
    }
    columns["gaps"] = np.where(rng.random(rows) < 0.1, np.nan, rng.normal(size=rows))
    signal = (columns["height"] - 171) / 9 + columns["left"] + 0.7 * (columns["town"] == "Rome")
    noisy = signal + columns["member"] * 0.5 + rng.normal(size=rows) * 1.5
    return look(columns, (noisy > 0.3).astype(np.float64) if binary else noisy)


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


def nearest(block: Block, y: Doubles, test: Block, _seed: Seed) -> Doubles:
    """A quick learner that remembers: the mean of the three rows that are nearest."""
    x, x_test = (np.nan_to_num(np.asarray(b.x, dtype=np.float64)) for b in (block, test))
    spread = x.std(axis=0) + 1e-9
    a, b = x / spread, x_test / spread
    apart = (b**2).sum(axis=1)[:, None] - 2 * b @ a.T + (a**2).sum(axis=1)
    answer = y[np.argpartition(apart, 3, axis=1)[:, :3]].mean(axis=1)
    if set(np.unique(y).tolist()) <= {0.0, 1.0}:
        p = np.clip(answer, 0.05, 0.95)
        return np.stack([1 - p, p], axis=1)
    return np.asarray(answer[:, None], dtype=np.float64)


def with_table(made: Look, table: Table) -> Look:
    """The same look at another table."""
    return dataclasses.replace(made, table=table, memo={})


def without_target(made: Look) -> Look:
    """The look that a check of the structure gets: neither task nor target."""
    return dataclasses.replace(made, task=None, y=None, folds=(), learner=None, memo={})


def beside(made: Look, production: Table) -> Look:
    """The same look with rows of production beside it."""
    return dataclasses.replace(made, production=production, memo={})


def with_training(made: Look) -> Look:
    """The same look with what the example's learner says of each row out of fold."""
    from heldout.audits.out_of_fold import predicted

    assert made.learner is not None
    assert made.y is not None
    prediction = predicted(made, made.table.schema)
    if made.task is not None and made.task.is_classification:  # calibrated, as a run's are
        prediction = np.clip(prediction, 0.06, 0.94)
    fold = np.full(len(made.y), -1, dtype=np.int64)
    for number, (_, valid) in enumerate(made.folds):
        fold[valid] = number
    trained = Trained(prediction, fold)
    return dataclasses.replace(made, trained=trained, memo={})


def predicting(made: Look, prediction: Doubles) -> Look:
    """The same look after a training that says ``prediction`` (rows, outputs) of its rows."""
    assert made.trained is not None
    trained = dataclasses.replace(made.trained, prediction=prediction)
    return dataclasses.replace(made, trained=trained, memo={})
