"""Sealed much worse than validation: which of the two causes is likelier? (EVAL-14)

Either the validation rows were looked at so often that the choice fits them (choosing), or the
sealed rows (those of ``--test FILE`` too) are not like the open ones (rows). Choosing is measured by
what it has flattered the chosen one in resamples; the rows by a model that tries to tell sealed from
open by their inputs.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from heldout.audits.finding import Look
from heldout.audits.out_of_fold import predicted
from heldout.audits.production import DOMAIN
from heldout.core.arrays import Doubles
from heldout.core.clock import Deadline
from heldout.metrics.scoring import score
from heldout.report.record import RunRecord
from heldout.splits.content import content as content_of
from heldout.splits.folds import three
from heldout.tables import unnamed
from heldout.tables.schema import Schema
from heldout.tables.table import Table
from heldout.workflow import production
from heldout.workflow.context import Context
from heldout.workflow.protocol import Protocol
from heldout.workflow.quick import quick_learner
from heldout.workflow.verdict import Verdict

MOST_ROWS, MOST_COLUMNS = 3_000, 8
DIFFER = 0.55  # the lower end of the ROC AUC of sealed against open from which rows differ
HALF = 0.5  # of the gap: a cause that explains as much is named


def is_worse(validated: Verdict, verdict: Verdict, greater: bool) -> bool:
    """Whether the two intervals do not meet, the sealed one on the bad side."""
    a, b = verdict.score, validated.score
    if not verdict.sealed or None in (a.low, a.high, b.low, b.high):
        return False
    return a.high < b.low if greater else a.low > b.high  # type: ignore[operator]


def causes(
    validated: Verdict,
    verdict: Verdict,
    table: Table,
    plan: Protocol,
    greater: bool,
    deadline: Deadline,
    context: Context,
) -> None:
    """Enter both causes with their numbers, and the likelier one; nothing where all is well."""
    if not is_worse(validated, verdict, greater):
        return
    sealed = _scored(table, plan, context)
    looks = RunRecord.from_journal(context.folder.journal).numbers("looks")
    gap = abs(verdict.score.value - validated.score.value)
    choosing = float(looks.get("cost") or 0.0)
    told = None
    if deadline.left() > 0.5 and sealed.rows:
        told = told_apart(table.take(plan.plan.open), sealed, deadline, context)
    auc = None if told is None else told["auc"]["low"]
    likelier, words = named(gap, choosing, auc, verdict.openings)
    context.write(
        "causes",
        likelier,
        words,
        numbers={
            "validation": validated.score.value,
            "sealed": verdict.score.value,
            "gap": gap,
            "looks": {
                "candidates": looks.get("candidates"),
                "choosing": choosing,
                "openings": verdict.openings,
            },
            "differ": told,
            "likelier": likelier,
            "words": words,
        },
    )


def named(gap: float, choosing: float, auc: float | None, openings: int) -> tuple[str, str]:
    """The likelier cause and why.

    >>> named(0.1, 0.0, 0.8, 1)[0], named(0.1, 0.09, 0.5, 1)[0], named(0.1, 0.0, 0.5, 1)[0]
    ('rows', 'choosing', 'neither')
    """
    chose, differ = choosing >= HALF * gap, auc is not None and auc > DIFFER
    again = f" The seal was opened {openings} times by now." if openings > 1 else ""
    if chose and differ:
        return "both", (
            "Sealed rows differ from the open ones, and choosing among many candidates has "
            "flattered the validation score." + again
        )
    if differ:
        return "rows", (
            "The sealed rows are not like the open ones: a model tells them apart by their "
            "columns. Look for time, places or sources that the split follows (--time, --group); "
            "the sealed score is the one to believe." + again
        )
    if chose:
        return "choosing", (
            "The validation rows were overfitted by choosing: so many looks flatter the best one "
            "by this much. Try fewer candidates, or bring more rows; the sealed score is the one "
            "to believe." + again
        )
    apart = "could not be examined for want of time" if auc is None else "are like the open ones"
    return "neither", (
        f"Choosing explains too little of it, and the sealed rows {apart} by their columns. "
        "Entities that no column names, or answers that mean something else there, would look "
        "like this; so would bad luck, about once in 200 runs." + again
    )


def _scored(table: Table, plan: Protocol, context: Context) -> Table:
    """The rows that were scored: sealed ones, or those of ``--test`` that no model had seen."""
    if not context.spec.test:
        return table.take(plan.plan.sealed)
    found = production.load(str(context.spec.test), table.schema, context.spec)
    schema = table.schema.asked()
    names = [c.name for c in schema.inputs]
    if not set(names) <= set(found.schema.names):
        return found
    seen = np.load(context.folder.seen, allow_pickle=False)
    return found.take(np.flatnonzero(~np.isin(content_of(found.arrays(names), schema), seen)))


def told_apart(
    opened: Table, sealed: Table, deadline: Deadline, context: Context
) -> dict[str, Any] | None:
    """ROC AUC of a quick model that tells sealed from open rows by their inputs, and of single
    columns; aggregates only. None where the columns are texts or pictures."""
    there = set(sealed.schema.names)
    kept = tuple(
        c for c in opened.schema.inputs if c.kind not in ("text", "image") and c.name in there
    )
    if not kept:
        return None
    rng = context.seed.child("causes").rng()
    parts = [
        t if t.rows <= MOST_ROWS else t.take(rng.choice(t.rows, MOST_ROWS, replace=False))
        for t in (opened, sealed)
    ]
    y = np.repeat([0.0, 1.0], [p.rows for p in parts])
    schema = replace(opened.schema, columns=kept)
    frames = [
        pl.DataFrame([unnamed.column(p.frame, c.name).alias(c.name) for c in kept]) for p in parts
    ]
    look = Look(
        Table(pl.concat(frames, how="vertical_relaxed"), schema, opened.source),
        DOMAIN,
        y,
        three(len(y), y, None, context.seed.child("causes", "folds")),
        context.seed.child("causes"),
        deadline,
        quick_learner(DOMAIN),
    )
    every = _auc(look, schema, y)
    columns = []
    for column in kept if (every["low"] or 0) > DIFFER else ():
        if deadline.left() < 0.2:
            break
        alone = _auc(look, replace(schema, columns=(column,)), y)
        columns.append({"column": column.name, **alone})
    columns.sort(key=lambda c: -(c["value"] or 0))
    return {"auc": every, "columns": columns[:MOST_COLUMNS], "rows": len(y)}


def _auc(look: Look, schema: Schema, y: Doubles) -> dict[str, Any]:
    found = score("roc_auc", DOMAIN, y, predicted(look, schema))
    return {"value": found.value, "low": found.low, "high": found.high}
