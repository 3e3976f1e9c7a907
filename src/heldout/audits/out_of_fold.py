"""What the quick learner says of each row out of fold: for questions that need a model at hand."""

from __future__ import annotations

import numpy as np

from heldout.audits.finding import Look
from heldout.audits.once import once_for
from heldout.audits.watch import need
from heldout.core.arrays import Bools, Doubles
from heldout.primitives.views import make_spec
from heldout.tables.schema import Schema

A_COLUMN, A_CELL = 3.5e-4, 1e-7  # seconds


def predicted(
    look: Look, schema: Schema, y: Doubles | None = None, train_on: Bools | None = None
) -> Doubles:
    """(rows, outputs) out-of-fold predictions with the inputs of ``schema``.

    ``y`` replaces the target (by its ranks, say); ``train_on`` (rows,) leaves rows out of training.
    Several checks ask for the same: where all rows train the answer is kept in the memo of the
    look. Raises OutOfTime at the deadline.
    """
    assert look.y is not None
    goal = look.y if y is None else y
    if train_on is not None:
        return _made(look, schema, goal, train_on)
    key = (tuple(c.name for c in schema.inputs), goal.tobytes())
    return once_for(look, "out_of_fold", key, lambda: _made(look, schema, goal, None))


def _made(look: Look, schema: Schema, goal: Doubles, train_on: Bools | None) -> Doubles:
    assert look.learner is not None
    assert look.task is not None
    spec = make_spec("trees", schema, look.task)
    columns = look.table.with_schema(schema).arrays()
    made = np.full((len(goal), look.task.outputs), np.nan)
    for number, (train, valid) in enumerate(look.folds):
        need(look, _price(look, len(schema.inputs)))
        rows = train if train_on is None else train[train_on[train]]
        recipe, block = spec.fit({n: a[rows] for n, a in columns.items()}, goal[rows])
        test = recipe.transform({n: a[valid] for n, a in columns.items()})
        made[valid] = look.learner(block, goal[rows], test, look.seed.child("out", number))
    return made


def _price(look: Look, columns: int) -> float:
    """Seconds of one fit, about: of thousands of columns one takes seconds, and nothing could end
    it. Measured: 200 rows x 10,000 columns, two classes, 3.7."""
    assert look.task is not None
    trees = max(1.0, look.task.outputs / 2) if look.task.is_classification else 1.0
    return columns * trees * (A_COLUMN + A_CELL * look.table.rows)
