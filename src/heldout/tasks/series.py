"""Rows of a table as series: names, times, gaps; a one-step model fed with its own answers.

NumPy only: answering uses it too.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from heldout.core.arrays import Array, Bools, Doubles
from heldout.core.errors import HeldoutError
from heldout.tables.cell import text_of
from heldout.tables.schema import NULL_DATE
from heldout.tables.table import Table
from heldout.tasks.task import Task

OneStep = Callable[[Doubles], Doubles]
"""Windows (series, lags), the newest last, to the next value of each (series,)."""


def filled(y: Doubles) -> tuple[Doubles, Bools]:
    """Gaps take the last known value (the first known one at the beginning): nothing that came
    later is looked at.

    >>> filled(np.array([1.0, np.nan, 3.0]))[0].tolist()
    [1.0, 1.0, 3.0]
    """
    known = np.isfinite(y)
    last = np.maximum.accumulate(np.where(known, np.arange(len(y)), -1))
    first = int(np.argmax(known)) if known.any() else 0
    return np.asarray(y[np.where(last < 0, first, last)], dtype=np.float64), known


def series_names(table: Table, task: Task) -> list[str]:
    """The series of each row: the words of its group columns; the target's name without any."""
    if not task.group:
        return [task.target] * table.rows
    columns = [[str(text_of(v) or "") for v in table.frame[g].to_list()] for g in task.group]
    return [" / ".join(words) for words in zip(*columns, strict=True)]


def time_kind(table: Table, task: Task) -> str:
    """The kind of the time column: "date", "number" or "row"."""
    first = task.time[0]
    return "row" if first == "row" else str(table.schema[first].kind)


def time_values(table: Table, task: Task) -> Doubles:
    """Times (rows,) as numbers: microseconds, the number itself, or the place; NaN if missing."""
    kind = time_kind(table, task)
    if kind == "row":
        return np.arange(table.rows, dtype=np.float64)
    values = table.arrays([task.time[0]])[task.time[0]]
    if kind == "date":
        return np.where(values == NULL_DATE, np.nan, values.astype(np.float64))
    if kind == "number":
        return np.asarray(values, dtype=np.float64)
    raise disordered(task, f"`{task.time[0]}` is read as {kind}, not as a date or number")


def roll(step: OneStep, history: Doubles, horizon: int) -> Doubles:
    """Feed a one-step model with its own answers: (series, depth) to (series, horizon)."""
    window = history.copy()
    made = np.zeros((len(history), horizon))
    for j in range(horizon):
        made[:, j] = step(window)
        window = np.concatenate([window[:, 1:], made[:, j : j + 1]], axis=1)
    return made


def lag_columns(window: Doubles) -> dict[str, Array]:
    """A window (n, depth) as typed columns of ``lag_schema``."""
    depth = window.shape[1]
    return {f"lag_{k}": np.ascontiguousarray(window[:, depth - k]) for k in range(1, depth + 1)}


def disordered(task: Task, seen: str) -> HeldoutError:
    """H266: what stands in the way of one value a step."""
    return HeldoutError(
        "H266",
        f"the rows cannot be put in order by {', '.join(task.time)}",
        seen=seen,
        why="a forecast needs one value a step of each series",
        do=[
            "name the columns that part the series with --group, or the kind with "
            "--type COLUMN=date; if the file is in order: --time row",
        ],
    )
