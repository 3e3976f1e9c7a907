"""How it is solved today: an old model's answers or a rule, scored on the same rows (TASK-05)."""

from __future__ import annotations

import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.core.errors import HeldoutError
from heldout.metrics.scoring import Cut, compare, score
from heldout.primitives.expression import is_name, parse
from heldout.tables.read import find_column
from heldout.tables.schema import NULL, Schema
from heldout.tables.table import Table
from heldout.tasks import null
from heldout.tasks.task import Task
from heldout.workflow.context import Context


def column_of(text: str, schema: Schema) -> str | None:
    """The column that ``--existing`` names; None where it is an expression."""
    return find_column(schema, text) if text in schema or is_name(text) else None


def predictions(text: str, table: Table, task: Task) -> Doubles:
    """What the rule or the old model answers, (rows, outputs); NaN where it says nothing.

    For two classes: probabilities of the positive one, 0 and 1, or labels. For several: labels.
    """
    name = column_of(text, table.schema)
    if name is None:
        found = parse(text)
        found.check(table.schema)
        kinds = {n: table.schema[n].kind for n in found.columns}
        values: Array = found.evaluate(table.arrays(found.columns), kinds)
    else:
        values = table.arrays([name])[name]
    if not task.is_classification:
        return _numbers(values, text, task).reshape(-1, 1)
    if values.dtype == object:
        return _labels(values, text, task)
    if name is not None and set(task.classes) & set(table.schema[name].levels):
        return _labels(np.array([_level(v, table.schema[name].levels) for v in values]), text, task)
    numbers = _numbers(values, text, task)
    inside = numbers[~np.isnan(numbers)]
    if task.kind != "binary" or len(inside) == 0 or inside.min() < 0 or inside.max() > 1:
        raise _cannot(text, task, "its answers are numbers beyond 0 to 1")
    made = np.empty((len(numbers), 2))
    made[:, task.positive_code] = numbers
    made[:, 1 - task.positive_code] = 1 - numbers
    return made


def filled(predicted: Doubles, task: Task, y: Doubles, name: str) -> Doubles:
    """Rows without an answer get that of the null model."""
    gaps = np.isnan(predicted[:, 0])
    if gaps.any():
        predicted = predicted.copy()
        predicted[gaps] = null.predict(name, task, y, int(gaps.sum()))
    return predicted


def enter(
    text: str,
    task: Task,
    y: Doubles,
    predicted: Doubles,
    model: Doubles | None,
    context: Context,
    *,
    where: str,
    groups: Array | None = None,
    threshold: Cut = None,
) -> None:
    """Score the old way on these rows, and the model's gain over it, paired."""
    own = score(task.metric, task, y, predicted, threshold=0.5, groups=groups)
    numbers = {"name": text, "where": where, **own.as_dict()}
    words = f"{text}: {task.metric} {own.value:.4g} on {where}"
    if model is not None:
        gain = compare(task.metric, task, y, model, predicted, threshold=threshold, groups=groups)
        numbers |= {"gain": gain.value, "gain_low": gain.low, "gain_high": gain.high}
        sure = gain.low is not None and gain.low > 0
        words += ", beaten beyond chance" if sure else ", not beaten beyond chance"
    context.write(
        "existing", words, "how it is solved today, on the same rows", numbers=numbers,
        overrule="--existing",
    )  # fmt: skip


def _labels(values: Array, text: str, task: Task) -> Doubles:
    known = {**{c: c for c in task.classes}, **task.labels}
    strange = sorted({str(v) for v in values if v != NULL and str(v) not in known})
    if strange:
        raise _cannot(text, task, f"it answers {', '.join(strange[:3])}")
    made = np.full((len(values), task.outputs), np.nan)
    for row, value in enumerate(values):
        if value != NULL:
            made[row] = 0.0
            made[row, task.classes.index(known[str(value)])] = 1.0
    return made


def _level(value: float, levels: tuple[str, ...]) -> str:
    return NULL if np.isnan(value) else levels[int(value)]


def _numbers(values: Array, text: str, task: Task) -> Doubles:
    if values.dtype == object or values.dtype.kind == "i":
        raise _cannot(text, task, "its answers are no numbers")
    return np.where(np.isfinite(values), values, np.nan)


def _cannot(text: str, task: Task, seen: str) -> HeldoutError:
    if task.kind == "binary":
        need = f"probabilities of {task.positive} from 0 to 1, or the words {task.classes}"
    else:
        need = f"one of {', '.join(task.classes)}" if task.classes else "numbers"
    return HeldoutError(
        "H102",
        f'--existing "{text[:60]}" does not answer the question',
        seen=seen,
        why="an old answer is scored on the same rows, by the same metric",
        do=[f"needed: {need}", 'a rule may say it: --existing "where(COLUMN > 3, 1, 0)"'],
    )
