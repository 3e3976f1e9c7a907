"""Step 4, beat a trivial baseline: the null models of the task and the best single column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heldout.audits import shallow
from heldout.audits.screen import MOST, promising
from heldout.core.arrays import Doubles, Ints
from heldout.metrics.score import Score
from heldout.metrics.scoring import score
from heldout.tables.schema import Column
from heldout.tables.table import Table
from heldout.tasks import null
from heldout.tasks.task import Task
from heldout.workflow.context import Context
from heldout.workflow.define import Defined
from heldout.workflow.protocol import Protocol

MOST_ROWS = 20_000  # of a training part, for one column
FEW = 50  # columns that are asked out of fold where there are very many


@dataclass(frozen=True)
class Baseline:
    """The best null model, its out-of-fold prediction (samples, outputs), and the best column."""

    name: str
    prediction: Doubles
    score: Score
    column: str | None
    column_value: float | None


def baseline(defined: Defined, plan: Protocol, table: Table, context: Context) -> Baseline:
    """Score every null model and every single column of ``table`` out of fold."""
    task, y = defined.task, defined.y
    rows = []
    best: tuple[str, Doubles, Score] | None = None
    opened = plan.plan.open
    for name in task.card.null_models:
        predicted = np.full((len(y), task.outputs), np.nan)
        for fold in plan.plan.folds:
            predicted[fold.valid] = null.predict(name, task, y[fold.training], len(fold.valid))
        scored = opened[~np.isnan(predicted[opened, 0])]
        value = score(task.metric, task, y[scored], predicted[scored])
        rows.append({"name": name, "value": value.value})
        sign = 1 if task.greater_is_better else -1
        if best is None or sign * value.value > sign * best[2].value:
            best = (name, predicted, value)
    assert best is not None
    columns = single_columns(table, defined, plan)
    pick = max if task.greater_is_better else min
    column = pick(columns, key=lambda c: columns[c]) if columns else None
    context.write(
        "baseline",
        f"{best[0]}: {best[2].value:.4g}",
        "a model must beat the best trivial predictor beyond noise, or the answer is no signal",
        numbers={
            "nulls": rows,
            "best_null": {"name": best[0], "value": best[2].value},
            "best_column": {"name": column, "value": columns[column]} if column else None,
            "metric": task.metric,
        },
    )
    return Baseline(*best, column, columns[column] if column else None)


def single_columns(table: Table, defined: Defined, plan: Protocol) -> dict[str, float]:
    """The task's metric for each input column alone: a tree of at most 32 leaves on it, or the
    smoothed mean of each level; fitted and predicted in the plan's folds."""
    task, y = defined.task, defined.y
    found = {}
    for column in _promising(table, y, plan.plan.open[:MOST_ROWS], task):
        codes, ordered = _coded(table, column)
        predicted = np.full((len(y), task.outputs), np.nan)
        for fold in plan.plan.folds:
            train = fold.training[:MOST_ROWS]
            answers = column_answers(
                codes[train], y[train], classes_of(task), ordered, int(codes.max()) + 1
            )
            predicted[fold.valid] = answers[codes[fold.valid]]
        done = np.flatnonzero(~np.isnan(predicted[:, 0]))
        found[column.name] = score(task.metric, task, y[done], predicted[done]).value
    return {name: value for name, value in found.items() if not np.isnan(value)}


def _coded(table: Table, column: Column) -> tuple[Ints, bool]:
    """A number's interval or a level's number for each row, and whether they have an order."""
    values = table.arrays([column.name])[column.name]
    if column.kind in ("number", "boolean", "date"):
        return shallow.bins(shallow.as_numbers(values, column)), True
    return shallow.as_codes(values), False


def _promising(table: Table, y: Doubles, rows: Ints, task: Task) -> list[Column]:
    """The columns that are asked: a tree for each of thousands takes too long."""
    columns = [c for c in table.schema.inputs if c.kind not in ("text", "image")]
    if len(columns) <= MOST:
        return columns
    return promising(
        columns,
        lambda name: table.arrays([name])[name][rows],
        y[rows],
        FEW,
        classes=bool(task.is_classification and not task.parts),
    )


def classes_of(task: Task) -> int:
    """Classes of each target, 0 for numbers."""
    return 2 if task.is_multilabel else len(task.classes)


def column_answers(codes: Ints, y: Doubles, classes: int, ordered: bool, size: int) -> Doubles:
    """(size, outputs): what one column alone answers for each of its codes."""
    if y.ndim == 2:  # several targets: what it answers for each
        each = [column_answers(codes, one, classes, ordered, size) for one in y.T]
        return np.stack([a[:, -1] for a in each], axis=1)
    if ordered:
        return shallow.tree(codes, y, classes)
    return shallow.level_means(codes, y, classes, size)
