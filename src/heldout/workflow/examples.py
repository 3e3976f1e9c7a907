"""A row of the data as one can read it: what was true, what was said, what the columns held."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from heldout.core.arrays import Doubles
from heldout.metrics.scoring import thresholds_of
from heldout.metrics.several import decide_each, of_part
from heldout.tables.table import Table
from heldout.tasks.task import Task

MOST_NAMES = 40


def loss(y: Doubles, p: Doubles, task: Task) -> Doubles:
    """By how much each row was missed, (samples,): -log of the true class's probability, or the
    absolute error. Several targets: the mean, numbers in their standard deviations."""
    if task.parts:
        each = [
            loss(y[:, j], of_part(task, j, p), part) / part.scale
            for j, part in enumerate(task.parts)
        ]
        return np.asarray(np.mean(each, axis=0))
    if not task.is_classification:
        return np.abs(p[:, 0] - y)
    given = p[np.arange(len(y)), y.astype(np.int64)]
    return np.asarray(-np.log(np.clip(given, 1e-15, 1.0)))


def example(
    table: Table,
    row: int,
    truth: Doubles | float,
    p: Doubles,
    task: Task,
    names: Sequence[str] = (),
) -> dict[str, Any]:
    """``row`` of the table with its ``truth`` and prediction ``p`` (outputs,); ``names``: the
    columns that are shown (default: the first inputs)."""
    shown = list(names) or [c.name for c in table.schema.inputs][:MOST_NAMES]
    entry: dict[str, Any] = {
        "row": int(row),
        "truth": said(truth, task),
        "values": {n: text(table.frame[n][int(row)]) for n in shown if n in table.frame.columns},
    }
    if task.parts:
        told = p if not task.is_multilabel else decide_each(p, thresholds_of(task))
        return entry | {"prediction": said(told, task)}
    if not task.is_classification:
        return entry | {"prediction": float(p[0])}
    most = int(np.argmax(p))
    code = task.positive_code if task.kind == "binary" else most
    return entry | {"prediction": task.classes[most], "probability": float(p[code])}


def said(truth: Doubles | float, task: Task) -> str | float:
    """The answer in words: a class or a number; of several labels those that are there."""
    if task.is_multilabel:
        there = [part.target for part, y in zip(task.parts, truth, strict=True) if y == 1]  # type: ignore[arg-type]
        return ", ".join(there) or "none"
    if task.parts:
        numbers = zip(task.parts, truth, strict=True)  # type: ignore[arg-type]
        return ", ".join(f"{part.target} {y:.4g}" for part, y in numbers)
    return task.classes[int(truth)] if task.is_classification else float(truth)


def text(value: Any) -> str:
    """A cell in at most 80 characters; missing as nothing."""
    if value is None:
        return ""
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:g}"
    return str(value)[:80]
