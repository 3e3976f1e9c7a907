"""Partial dependence of the most important columns, and some answers taken apart column by
column: on rows that the models had not seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from heldout.core.arrays import Array, Ints
from heldout.core.clock import Deadline, now
from heldout.core.names import plural
from heldout.explain.background import background
from heldout.explain.contributions import Contributions, contributions
from heldout.explain.partial import ROWS, dependence, plain
from heldout.tables.schema import Schema
from heldout.tables.table import Columns
from heldout.tasks.task import Task
from heldout.workflow.context import Context
from heldout.workflow.define import Defined
from heldout.workflow.examples import loss

MOST = 8  # columns


def partial(
    run: Callable[[Columns], Array],
    columns: Columns,
    names: Sequence[str],
    schema: Schema,
    task: Task,
    deadline: Deadline,
    context: Context,
) -> None:
    """How the answer follows the first of ``names``; of several classes, the commonest one."""
    output = task.positive_code if task.kind == "binary" else 0
    some = {name: values[:ROWS] for name, values in columns.items()}
    if task.kind == "multiclass":
        output = int(run(some).mean(axis=0).argmax())
    found = dependence(run, some, names[:MOST], schema, output, deadline)
    if not found:
        return
    told = task.output_words(output)
    rows = len(next(iter(some.values())))
    context.write(
        "partial_dependence",
        ", ".join(f.column for f in found[:3]),
        f"the mean answer if {plural(rows, 'row')} all had the same value in one column",
        numbers={"output": told, "samples": rows, "columns": [f.as_dict() for f in found]},
    )


def apart(
    run: Callable[[Columns], Array],
    columns: Columns,
    rows: Ints,
    defined: Defined,
    schema: Schema,
    reference: Mapping[str, Any],
    deadline: Deadline,
    context: Context,
) -> None:
    """What each column moved in the highest, a middle and the most mistaken answer. Left out
    with --no-rows, for pictures, and where the time is short."""
    task = defined.task
    pictures = any(schema[name].kind == "image" for name in columns)
    if not context.spec.rows or pictures or len(rows) < 3 or deadline.passed:
        return
    started = now()
    p = run(columns)
    output = task.positive_code if task.kind == "binary" else 0
    if task.kind == "multiclass":
        output = int(p.mean(axis=0).argmax())
    questions = 3 * 2 * 16 * len(columns) / len(rows)
    if deadline.left() < questions * (now() - started):
        return
    order = np.argsort(p[:, output], kind="stable")
    lost = loss(defined.y[rows], p, task)
    at = {int(order[-1]): "the highest answer", int(order[len(order) // 2]): "a middle answer"}
    at = {int(lost.argmax()): "the largest mistake"} | at
    chosen = np.array(list(at))
    asked = {name: values[chosen] for name, values in columns.items()}
    ordinary = background(schema.asked(), reference)
    found = contributions(run, asked, {n: ordinary[n] for n in asked}, output)
    told = [
        {
            "row": int(rows[i]),
            "why": why,
            "truth": _truth(task, defined.y[rows[i]], output),
            "answer": float(found.answers[k]),
            "base": float(found.base[k]),
            "parts": _parts(found, k, asked, schema),
        }
        for k, (i, why) in enumerate(at.items())
    ]
    context.write(
        "contributions",
        f"{plural(len(told), 'answer')} taken apart",
        "Shapley values against sixteen ordinary rows: they add up to the answer",
        numbers={
            "output": task.output_words(output),
            "rows": told,
        },
        overrule="--no-rows",
    )


def _truth(task: Task, y: Any, output: int) -> str | float:
    """The class or the number; of several targets that of ``output``."""
    if task.parts:
        one = task.parts[output]
        return one.classes[int(y[output])] if task.is_multilabel else float(y[output])
    return task.classes[int(y)] if task.is_classification else float(y)


def _parts(found: Contributions, k: int, asked: Columns, schema: Schema) -> list[dict[str, Any]]:
    """Every column of the k-th row with its value and effect, largest first."""
    order = np.argsort(-np.abs(found.effects[k]), kind="stable")
    return [
        {
            "column": found.names[c],
            "value": plain(asked[found.names[c]][k], schema[found.names[c]]),
            "effect": float(found.effects[k, c]),
        }
        for c in order
    ]
