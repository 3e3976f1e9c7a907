"""What drives the model, and where it fails: on out-of-fold rows only (joints 16)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from heldout.core.arrays import Array, Ints
from heldout.core.clock import Deadline, now
from heldout.explain.permutation import importance
from heldout.models.assemble import Member, assemble
from heldout.search.result import SearchResult
from heldout.tables.table import Columns, Table
from heldout.workflow.context import Context
from heldout.workflow.curve_of import apart, partial
from heldout.workflow.define import Defined
from heldout.workflow.examples import example, loss
from heldout.workflow.parity import opened
from heldout.workflow.protocol import Protocol
from heldout.workflow.tune import Tuned
from heldout.workflow.verdict import prediction_of

MOST_ROWS = 2_000
FAILURES = 12
REPEATS, FEWEST = 3, 200
SHARE = 0.6  # of the time that is left may go into importance


def drivers(
    found: SearchResult,
    tuned: Tuned,
    table: Table,
    defined: Defined,
    plan: Protocol,
    deadline: Deadline,
    context: Context,
    reference: Mapping[str, Any],
) -> None:
    """Permutation importance of the first fold's models on that fold's validation rows; then the
    curves of the first columns, and some answers taken apart."""
    run = _first_fold(found, tuned, table, defined)
    if run is None or deadline.passed:
        return
    rows = np.intersect1d(plan.plan.folds[0].valid, tuned.rows)
    if len(rows) > MOST_ROWS:
        rng = context.seed.child("importance", "rows").rng()
        rows = rng.choice(rows, MOST_ROWS, replace=False)
    rows = _affordable(run, table, rows, deadline)
    if not len(rows):
        return
    groups = None if tuned.groups is None else tuned.groups[rows]
    columns = table.take(rows).arrays([c.name for c in table.schema.asked().inputs])
    short = deadline if deadline.at == math.inf else Deadline(now() + SHARE * deadline.left())
    ranked = importance(
        run,
        columns,
        defined.y[rows],
        defined.task,
        defined.task.metric,
        context.seed.child("importance"),
        repeats=REPEATS,
        groups=groups,
        threshold=tuned.threshold.value if tuned.threshold else None,
        deadline=short,
    )
    context.write(
        "importance",
        ", ".join(r.column for r in ranked[:3]),
        "how much the score falls when one column is shuffled; rows that the models had not seen",
        numbers={
            "rows": [r.as_dict() for r in ranked],
            "metric": defined.task.metric,
            "samples": len(rows),
        },
    )
    names = [r.column for r in ranked]
    partial(run, columns, names, table.schema, defined.task, deadline, context)
    apart(run, columns, rows, defined, table.schema, reference, deadline, context)


def _affordable(
    run: Callable[[Columns], Array], table: Table, rows: Ints, deadline: Deadline
) -> Ints:
    """As many of the rows as can be answered once for every column and repeat in the time left;
    none where that would be too few to say anything."""
    few = rows[:FEWEST]
    run(table.take(few).arrays())
    started = now()
    run(table.take(few).arrays())
    each = max(1e-9, now() - started) * len(table.schema.inputs) * REPEATS / len(few)
    most = len(rows) if deadline.at == math.inf else int(deadline.left() / each)
    return rows[:0] if most < min(FEWEST, len(rows)) else rows[:most]


def _first_fold(
    found: SearchResult, tuned: Tuned, table: Table, defined: Defined
) -> Callable[[Columns], Array] | None:
    """The chosen members as they were fitted on the first fold, in one graph."""
    members, recipes = [], {}
    for result, weight in tuned.members:
        fit = result.fits[0]
        state = fit.state() if fit is not None else None
        recipe = found.recipe(result.model.view, 0)
        if state is None or recipe is None or not result.model.bundles:
            return None
        members.append(Member(result.card, result.settings, state, weight))
        recipes[result.model.view] = recipe
    graph = opened(
        assemble(defined.task, table.schema, recipes, members, tuned.calibrator, None).model
    )
    return lambda columns: prediction_of(graph(columns))


def failures(tuned: Tuned, table: Table, defined: Defined, context: Context) -> None:
    """The most confident errors, as rows one can read; left out with --no-rows."""
    if not context.spec.rows:
        return
    task, rows = defined.task, tuned.rows
    y, p = defined.y[rows], tuned.calibrated[rows]
    lost = loss(y, p, task)
    worst = np.argsort(-lost, kind="stable")[:FAILURES]
    names = [c.name for c in table.schema.inputs][:40]
    shown = []
    for at in worst:
        row = int(rows[at])
        entry = example(table, row, y[at], p[at], task, names)
        entry["loss"] = float(lost[at])
        shown.append(entry)
    context.write(
        "failures",
        f"{len(shown)} rows",
        "the largest errors, on rows that the models had not seen",
        numbers={"rows": shown},
        overrule="--no-rows",
    )
