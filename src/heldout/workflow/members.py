"""Fit the members of an ensemble whose settings and rounds are known, one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from heldout.core.arrays import Doubles
from heldout.core.clock import Deadline
from heldout.models import per_target
from heldout.models.assemble import Member
from heldout.models.card import MODELS, FitInput
from heldout.primitives.recipe import Recipe, RecipeSpec
from heldout.primitives.views import make_spec
from heldout.search.gaps import drawn, with_copies
from heldout.tables.schema import Schema
from heldout.tables.table import Columns
from heldout.tasks.task import Task
from heldout.workflow.context import Context


def fit_members(
    parts: Sequence[Mapping[str, Any]],
    task: Task,
    schema: Schema,
    training: Columns,
    y: Doubles,
    probe: Columns,
    context: Context,
) -> tuple[dict[str, Recipe], list[Member], list[Doubles]]:
    """Recipes by view, members, and what each answers for the probe (rows, outputs); ``parts``
    hold card, settings, rounds, weight and name of each member."""
    training, y = _with_gaps(training, y, context)
    recipes, blocks, wild = {}, {}, {}
    for view in dict.fromkeys(MODELS.get(p["card"]).view for p in parts):
        spec: RecipeSpec = make_spec(view, schema, task)
        recipes[view], blocks[view] = spec.fit(
            training, y, None, (), context.seed.child("recipe", view)
        )
        wild[view] = recipes[view].transform(probe)
    members, trained = [], []
    for part in parts:
        card = MODELS.get(part["card"])
        fitted = per_target.fit(
            card,
            FitInput(
                task,
                part["settings"],
                blocks[card.view],
                y,
                None,
                None,
                None,
                part["rounds"],
                context.seed.child("retrain", part["name"]),
                Deadline.never(),
            ),
        )
        found = Member(part["card"], part["settings"], fitted.state, part["weight"], part["name"])
        members.append(found)
        trained.append(np.asarray(fitted.predict(wild[card.view]), dtype=np.float64))
    return recipes, members, trained


def _with_gaps(training: Columns, y: Doubles, context: Context) -> tuple[Columns, Doubles]:
    """With copies of rows for ``--may-miss``, as in the search."""
    missed = [name for name in context.spec.may_miss if name in training]
    if not missed:
        return training, y
    copied, gaps = drawn(len(y), len(missed), context.seed.child("may_miss"))
    return with_copies(training, missed, copied, gaps), np.concatenate([y, y[copied]])
