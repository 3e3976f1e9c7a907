"""How well all other columns together say the target: the learner is handed in (joints 20)."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from heldout.audits.finding import Look
from heldout.audits.goal import goal
from heldout.audits.out_of_fold import predicted
from heldout.core.arrays import Doubles


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
    answer = predicted(look, schema, aim.y)
    losses = np.zeros(len(aim.y))
    losses[aim.rows] = aim.loss(answer[aim.rows], aim.rows)
    return losses
