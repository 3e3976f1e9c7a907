"""How well all other columns together say the target: the learner is handed in (joints 20)."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from heldout.audits.finding import Look
from heldout.audits.goal import goal
from heldout.audits.watch import watch
from heldout.core.arrays import Doubles
from heldout.primitives.views import make_spec


def rest_losses(look: Look, without: Collection[str]) -> Doubles | None:
    """(rows,) out-of-fold losses without some columns; None where no learner was handed in.

    Where no column is left the losses are those of the prior.
    """
    if look.learner is None or look.task is None:
        return None
    aim = goal(look)
    schema = look.table.schema.with_roles(dict.fromkeys(without, "ignored"), "left out")
    if not schema.inputs:
        return aim.prior
    spec = make_spec("trees", schema, look.task)
    columns = look.table.with_schema(schema).arrays()
    losses = np.zeros(len(aim.y))
    for number, (train, valid) in enumerate(look.folds):
        watch(look)
        recipe, block = spec.fit({n: a[train] for n, a in columns.items()}, aim.y[train])
        test = recipe.transform({n: a[valid] for n, a in columns.items()})
        seed = look.seed.child("rest", number)
        prediction = look.learner(block, aim.y[train], test, seed)
        losses[valid] = aim.loss(prediction, valid)
    return losses
