"""A model that answers exists within seconds, and only gets better (contract 7).

When the first candidate has all its folds, and it is a linear one, it is refitted on all open
rows here while the workers go on, and written as the run's bundle without a verdict. The final
bundle replaces it; a run that is killed leaves it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from heldout.metrics.scoring import Cut, default_threshold, thresholds_of
from heldout.models.card import MODELS
from heldout.tasks.several import deviation
from heldout.workflow import deploy
from heldout.workflow.context import Context
from heldout.workflow.define import Defined
from heldout.workflow.look import Looked
from heldout.workflow.members import fit_members
from heldout.workflow.protocol import Protocol

MOST_CELLS = 1_000_000  # rows x columns that are refitted within about a second
LEAST_SECONDS = 15.0


def early_bundle(
    name: str,
    settings: Mapping[str, Any],
    defined: Defined,
    looked: Looked,
    plan: Protocol,
    fingerprint: str,
    context: Context,
) -> None:
    """Write the early bundle, if that is quick; a candidate's name is its card's for linear ones.
    ``settings`` hold the strength that the folds chose: looking for it again would keep the
    workers waiting."""
    task, table, opened = defined.task, looked.table, plan.plan.open
    schema = table.schema
    if name not in MODELS.names() or MODELS.get(name).family != "linear":
        return
    short = context.clock.work is None and context.clock.total < LEAST_SECONDS
    if short or len(opened) * len(schema.inputs) > MOST_CELLS or task.weight is not None:
        return
    columns = {n: v[opened] for n, v in table.arrays().items()}
    y = defined.y[opened]
    probe = deploy.probe(table.arrays(), opened[:1_000], schema, context.seed)
    part: dict[str, Any] = {
        "name": name,
        "card": name,
        "settings": dict(settings),
        "rounds": None,
        "weight": 1.0,
    }
    recipes, members, trained = fit_members([part], task, schema, columns, y, probe, context)
    threshold: Cut = default_threshold(task) if task.kind == "binary" else None
    if task.is_multilabel:
        threshold = tuple(thresholds_of(task))
    scale = deviation(task, y)
    model = deploy.build(
        task, schema, recipes, members, trained, None, threshold, probe, scale, context
    )
    made = deploy.content(
        task,
        schema,
        model.graph,
        columns,
        {},
        {"threshold": threshold, "rule": "default", "positive": task.positive},
        {**model.parity.as_dict(), "scale": scale, "tolerance": model.tolerance},
        {},
        {},
        fingerprint,
        context.seed,
        deploy.answers(model.graph, columns),
    )
    deploy.write_bundle(
        context,
        made,
        f"# {context.folder.name}\n\nEarly bundle of an unfinished run: not scored.\n",
    )
    context.write("early", name, "a bundle that answers already; the final one replaces it")
