"""What was said about a task: one value, and what of it does not fit the table or itself."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from heldout.core.errors import HeldoutError
from heldout.core.names import quoted
from heldout.metrics.scoring import metric_for
from heldout.tables.table import Table
from heldout.tasks.task import TASKS, Task


@dataclass(frozen=True)
class Said:
    """The options of a task: names of columns as the table has them, numbers as they were given.

    ``task`` and ``metric`` overrule what the target suggests; ``time`` may be ("row",), the order
    of the file; ``cost`` holds miss and alarm; ``capacity`` is a share or a count."""

    task: str | None = None
    metric: str | None = None
    positive: str | None = None
    group: Sequence[str] = ()
    time: Sequence[str] = ()
    weight: str | None = None
    horizon: int | None = None
    cost: Mapping[str, float] | None = None
    capacity: float | None = None
    threshold: float | None = None
    unit: str = "row"


NOTHING = Said()


def task_of(kind: str, target: str, said: Said, **found: Any) -> Task:
    """The task of ``kind`` with what was said and what was ``found`` (further fields of Task);
    raises H103 and H105 where the metric is not there or does not fit."""
    made = Task(
        kind=kind,
        target=target,
        metric=said.metric or TASKS.get(kind).metrics[0],
        greater_is_better=True,
        group=tuple(said.group),
        time=tuple(said.time),
        weight=said.weight,
        horizon=said.horizon,
        unit=said.unit,
        cost=dict(said.cost or {}),
        capacity=said.capacity,
        threshold=said.threshold,
        **found,
    )
    better = metric_for(made.metric, made).greater_is_better
    return dataclasses.replace(made, greater_is_better=better)


def check_options(table: Table, kind: str, target: str, said: Said) -> None:
    """Columns must be there (H104); numbers must make sense (H102)."""
    _check_columns(table, kind, target, said)
    _check_numbers(kind, said)


def _check_columns(table: Table, kind: str, target: str, said: Said) -> None:
    weight = (said.weight,) if said.weight else ()
    parts = (("group", said.group), ("time", said.time), ("weight", weight))
    for option, names in parts:
        for name in (n for n in names if n != "row" or option != "time"):
            if table.schema[name].name == target:
                refuse(
                    f'--{option} cannot be "{name}", the target',
                    "a column plays one part",
                    f"--{option} with another column, or none of it",
                )
    if said.weight and table.schema[said.weight].kind != "number":
        refuse(
            f'--weight cannot be "{said.weight}", whose cells are no numbers',
            "weights multiply rows",
            f"name a column of numbers, or read it as such: --type {quoted(said.weight)}=number",
        )
    for name in (t for t in said.time if t != "row"):
        _in_order(table, name)
    if kind == "forecast" and not said.time:
        refuse("a forecast needs --time", "the order of rows is the question", "--time COLUMN")


def _check_numbers(kind: str, said: Said) -> None:
    horizon, cost, capacity, threshold = said.horizon, said.cost, said.capacity, said.threshold
    if horizon is not None and kind != "forecast":
        refuse(
            f"--horizon is for a forecast; this is a {kind} task",
            "nothing is predicted ahead here",
            "add --task forecast, or leave --horizon out",
        )
    if horizon is not None and horizon < 1:
        refuse(f"--horizon {horizon}", "steps ahead are counted from 1", "--horizon 12")
    two_only = kind != "binary" and (cost or capacity is not None or threshold is not None)
    if two_only:
        words = "--cost, --capacity and --threshold decide between two classes"
        refuse(f"{words}; this is a {kind} task", "there is nothing to decide", "leave it out")
    for name, value in (cost or {}).items():
        if name not in ("miss", "alarm") or value < 0:
            refuse(f"--cost {name}={value:g}", "costs are of a miss and an alarm", "miss=5,alarm=1")
    if cost and (len(cost) < 2 or not sum(cost.values()) > 0):
        why = "both a miss and an alarm need a cost, one of them above 0"
        refuse("the costs are not complete", why, "--cost miss=5,alarm=1")
    if capacity is not None and capacity <= 0:
        refuse(f"--capacity {capacity:g}", "a share, or a count, above 0", "--capacity 0.05")
    if threshold is not None and not 0 <= threshold <= 1:
        refuse(f"--threshold {threshold:g}", "a probability lies in 0 to 1", "--threshold 0.3")


def _in_order(table: Table, name: str) -> None:
    """H102 where a column that is to order the rows holds words without any digit."""
    column = table.schema[name]
    if column.kind not in ("category", "text") or any(
        c.isdigit() for t in column.levels for c in t
    ):
        return
    some = list(column.levels[:3])
    if some:
        raise HeldoutError(
            "H102",
            f'--time cannot be "{name}", whose cells are words',
            seen=", ".join(f'"{t}"' for t in some),
            why="words are in the order of letters, not of time",
            do=["name a column of dates or numbers, or --time row for the order of the file"],
        )


def refuse(what: str, why: str, do: str) -> None:
    """H102."""
    raise HeldoutError("H102", what, why=why, do=[do])
