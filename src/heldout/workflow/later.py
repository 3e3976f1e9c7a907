"""Where time rules, the rows of ``--test FILE`` must lie after those that are trained on (EVAL-09)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.core.errors import HeldoutError
from heldout.core.names import count, quoted
from heldout.tables.schema import NULL_DATE
from heldout.tables.table import Table
from heldout.tasks.task import Task
from heldout.workflow import production
from heldout.workflow.spec import Spec

FEWEST = 0.01  # share of the rows that may lie earlier: a late correction is no leak


def check_later(table: Table, task: Task, spec: Spec) -> None:
    """H271 where more than one row in a hundred of the file is no later than the latest that is
    trained on; only by one time column that holds dates or numbers, and that was named."""
    name = task.time[0] if spec.time and len(task.time) == 1 else "row"
    if not spec.test or name not in table.schema or not _ordered(table, name):
        return
    found = production.load(str(spec.test), table.schema, spec)
    if name not in found.schema:
        return
    known = _moments(table.arrays([name])[name])
    tested = _moments(found.arrays([name])[name])
    if not len(known) or not len(tested):
        return
    early = int((tested <= known.max()).sum())
    if early <= FEWEST * len(tested):
        return
    file = Path(str(spec.test)).name
    raise HeldoutError(
        "H271",
        f"{file} reaches back into the time that is trained on",
        seen=f"{count(early)} of its {count(len(tested))} rows are no later in {name} than the latest "
        f"row of {table.source}",
        why="a model that knows the days around a row has seen what no model will know on the day: "
        "the score would be too good",
        do=[
            "leave --test out: the latest stretch is sealed",
            f"heldout run {quoted(spec.data)} --target {quoted(task.target)} --time none   if order does not matter",
        ],
    )


def _ordered(table: Table, name: str) -> bool:
    return table.schema[name].kind in ("date", "number")


def _moments(values: Array) -> Doubles:
    """As numbers, without those that are missing."""
    if values.dtype.kind == "i":
        return np.asarray(values[values != NULL_DATE], dtype=np.float64)
    return np.asarray(values[~np.isnan(values)], dtype=np.float64)
