"""What the checks of ``--production`` share: which columns can be compared, and which matter."""

from __future__ import annotations

import numpy as np

from heldout.audits.cells import sampled
from heldout.audits.finding import Look
from heldout.audits.goal import goal
from heldout.audits.once import once, once_for
from heldout.core.arrays import Array, Doubles
from heldout.primitives.block import Block
from heldout.primitives.recipe import Recipe
from heldout.primitives.views import make_spec
from heldout.tables.schema import Column
from heldout.tables.table import Table
from heldout.tasks.task import Task

MOST_ROWS = 5_000
DOMAIN = Task(
    "binary",
    "production",
    "roc_auc",
    True,
    classes=("training", "production"),
    positive="production",
)
"""The question which of the two a row belongs to; a learner for it may lie in the memo."""


def needed(look: Look) -> str:
    """Why a check of production does not apply."""
    return "" if look.production is not None else "no --production was named"


def production(look: Look) -> Table:
    """The rows of production; the look must hold them."""
    assert look.production is not None
    return look.production


def shared(look: Look) -> list[Column]:
    """Input columns that are in both, pictures and free text aside."""
    there = set(production(look).schema.names)
    return [
        c for c in look.table.schema.inputs if c.name in there and c.kind not in ("image", "text")
    ]


def both(look: Look, name: str) -> tuple[Array, Array]:
    """The typed arrays of a column: training rows looked at, and rows of production."""

    def read() -> tuple[Array, Array]:
        return sampled(look).arrays([name])[name], production(look).arrays([name])[name]

    return once_for(look, "both", name, read)


def effect(look: Look, name: str) -> float | None:
    """How far the quick model's answer moves, on average, when this column takes the values that
    it has in production, all else as in training: in standard deviations of the answers. None
    without target or learner."""
    if look.learner is None or look.task is None or look.y is None or not look.folds:
        return None
    train, valid = look.folds[0]
    valid = valid[:MOST_ROWS]
    columns = look.table.arrays()
    aim = goal(look)
    schema, task = look.table.schema, look.task

    def learned() -> tuple[Recipe, Block]:
        known = {n: a[train] for n, a in columns.items()}
        return make_spec("trees", schema, task).fit(known, aim.y[train])

    recipe, block = once(look, "effect", learned)
    there = both(look, name)[1]
    rng = look.seed.child("effect", name).rng()
    moved = {n: a[valid] for n, a in columns.items()}
    was = look.learner(block, aim.y[train], recipe.transform(moved), look.seed.child("effect"))
    moved[name] = there[rng.integers(0, len(there), len(valid))]
    now = look.learner(block, aim.y[train], recipe.transform(moved), look.seed.child("effect"))
    spread: Doubles = was.std(axis=0)
    return float(np.max(np.abs((now - was).mean(axis=0)) / np.maximum(spread, 1e-9)))
