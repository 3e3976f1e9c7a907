"""State the task: what is predicted, in which form, and why (TASK-02, TASK-03, joints 19)."""

from __future__ import annotations

from collections.abc import Sequence

from heldout.core.arrays import Doubles
from heldout.tables.schema import Role
from heldout.tables.table import Table
from heldout.tasks.one import encode_one, state_one
from heldout.tasks.options import NOTHING, Said
from heldout.tasks.several import encode_several, state_several
from heldout.tasks.task import Task


def state(table: Table, target: str | Sequence[str], said: Said = NOTHING) -> Task:
    """The task of predicting ``target``, with a reason in words and the questions left open;
    several names make one task of several targets (``several.state_several``).

    ``said.task`` overrules the form that the target suggests. Raises H104 (no such column), H102
    and H103 (options), H105 (metric), H251 to H258 and H270 (targets that cannot be learned).
    """
    names = (target,) if isinstance(target, str) else tuple(target)
    if len(names) == 1:
        return state_one(table, names[0], said)
    return state_several(table, names, said)


def encode(task: Task, table: Table) -> Doubles:
    """The target as the models see it, (rows,) float64: class codes or values, NaN where missing.

    Classes that the task does not know (new labels) are NaN as well. Several targets give (rows,
    targets), see ``several.encode_several``.
    """
    if task.parts:
        return encode_several(task, table)
    return encode_one(task, table)


def with_roles(table: Table, task: Task) -> Table:
    """The table whose schema knows the parts that the task's columns play."""
    schema = table.schema
    parts: tuple[tuple[tuple[str, ...], Role, str], ...] = (
        (task.group, "group", "named as group: rows that belong together"),
        (tuple(t for t in task.time if t in schema), "time", "named as time: the order of rows"),
        ((task.weight,) if task.weight else (), "weight", "named as weight"),
        (task.targets, "target", "the column to predict"),
    )
    for names, role, reason in parts:
        schema = schema.with_roles(dict.fromkeys(names, role), reason)
    return table.with_schema(schema)
