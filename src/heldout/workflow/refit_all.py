"""``--refit-all``: after the sealed score is known, the same recipe on every sample (contract 1).

The bundle is then not the model that was scored, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from heldout.bundle.content import BundleContent
from heldout.core.names import plural
from heldout.search.final import FinalModels
from heldout.splits.content import content as content_of
from heldout.tables.table import Table
from heldout.tasks.several import deviation
from heldout.workflow import deploy
from heldout.workflow.context import Context
from heldout.workflow.define import Defined
from heldout.workflow.fingerprint import fingerprint
from heldout.workflow.members import fit_members
from heldout.workflow.protocol import Protocol

GROWTH = 2.0  # CPU seconds of the refit on open rows, times this, must be left


def refitted(
    made: BundleContent,
    final: FinalModels,
    table: Table,
    defined: Defined,
    plan: Protocol,
    calibrator: tuple[str, Mapping[str, Any]] | None,
    context: Context,
) -> BundleContent:
    """The content of a bundle fitted on open and sealed rows; as it was, where the clock does
    not allow it."""
    good = [m for m in final.members if not m.failure]
    need = GROWTH * sum(m.cpu_seconds for m in good) + 1.0
    if context.clock.deadline(need).passed:
        context.write("refit_all", "left out", "the clock does not allow another fit")
        return made
    task, schema, rows = defined.task, table.schema, len(defined.y)
    more = rows / max(1, len(plan.plan.open))
    total = sum(m.weight for m in good)
    parts = [
        {
            "name": m.name,
            "card": m.card,
            "settings": m.settings,
            "weight": m.weight / total,
            "rounds": None if m.rounds is None else max(1, round(m.rounds * more)),
        }
        for m in good
    ]
    columns = table.arrays()
    probe = deploy.probe(columns, np.arange(rows), schema, context.seed.child("all"))
    recipes, members, trained = fit_members(parts, task, schema, columns, defined.y, probe, context)
    scale = deviation(task, defined.y)
    model = deploy.build(
        task, schema, recipes, members, trained, calibrator, made.decision.get("threshold"),
        probe, scale, context, made.decision.get("conformal", {}).get("state"),
    )  # fmt: skip
    asked = schema.asked()
    names = [c.name for c in asked.inputs]
    hashes = content_of(table.arrays(names), asked)
    np.save(context.folder.seen, np.unique(hashes), allow_pickle=False)
    context.write(
        "refit_all",
        f"fitted on all {plural(rows, 'row')}",
        "the bundle is not the model that was scored: the score is that of the same recipe on "
        f"{plural(len(plan.plan.open), 'row')}",
        numbers={"rows": rows, "scored_on": len(plan.plan.open), "data": fingerprint(table)},
        overrule="leave --refit-all out",
    )
    certificate = {**made.parity, **model.parity.as_dict(), "scale": scale}
    content = replace(
        made,
        model=model.graph,
        recipe={**made.recipe, "rows": rows, "refitted_on_all": True},
        vectors=deploy.vectors_of(schema, model.graph, context.seed, made.reference),
        parity=certificate,
    )
    deploy.write_bundle(context, content, "")
    return content


NOTE = (
    "Refitted on every row after the sealed score was known (--refit-all): this bundle is not the "
    "model that was scored."
)
