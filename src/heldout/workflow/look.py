"""Step 1b, look at the data: audits before the seal (structure) and after it (open rows).

A ``block`` finding sets the column aside and the run goes on without it, unless ``--keep`` said
otherwise; the score with it and without it is measured on open rows, out of fold (contract 11).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from heldout.audits.blocked import answer
from heldout.audits.finding import Finding, Look, QuickLearner
from heldout.audits.review import not_run, review
from heldout.audits.tidy import tidy
from heldout.core.arrays import Doubles, Ints
from heldout.core.clock import Deadline
from heldout.metrics.scoring import score
from heldout.primitives.recipe import RecipeSpec
from heldout.primitives.views import make_spec
from heldout.splits.folds import three
from heldout.splits.samples import Repeats
from heldout.tables.table import Table
from heldout.tasks.several import alone
from heldout.workflow.computed import without_orphans
from heldout.workflow.context import Context
from heldout.workflow.define import Defined
from heldout.workflow.production import compared
from heldout.workflow.protocol import Protocol
from heldout.workflow.questions import available
from heldout.workflow.quick import quick_learner

SHARE = 0.12  # of the budget, at most, for looking
LONGEST = 30.0  # seconds
MOST_ROWS = 20_000


@dataclass(frozen=True)
class Looked:
    """The table without what was set aside, and all findings."""

    table: Table
    findings: tuple[Finding, ...]
    set_aside: tuple[dict[str, Any], ...] = ()
    not_run: tuple[str, ...] = field(default=())


def structure(table: Table, context: Context, repeats: Repeats | None = None) -> list[Finding]:
    """Checks that never see the target, on all rows; ``repeats`` are theirs, if they are known."""
    memo = {} if repeats is None else {"repeats": repeats}
    look = Look(
        table, None, None, (), context.seed.child("audit"), _deadline(context), memo=dict(memo)
    )
    return list(review(look, "structure"))


def with_target(
    defined: Defined,
    plan: Protocol,
    earlier: Sequence[Finding],
    learner: QuickLearner,
    context: Context,
) -> Looked:
    """Checks with the target, on open rows only; then set aside what blocks."""
    look = target_look(defined.table, defined, plan, learner, _deadline(context), context)
    known = set(available(context.spec.definition, "yes"))
    told = reviewed(look, {*known, *context.spec.keep})
    seen = [*earlier, *plan.findings, *told, *compared(look, context.spec)]
    findings = tidy([_answered(f, known) for f in seen])
    aside: list[dict[str, Any]] = []
    kept = known.union(context.spec.keep)
    for finding in findings:
        inputs = [c for c in finding.where if c not in kept and _is_input(defined.table, c)]
        if finding.severity == "block" and inputs:
            aside += [{"column": c, "code": finding.code, "reason": finding.what} for c in inputs]
    aside = list({a["column"]: a for a in reversed(aside)}.values())[::-1]
    trimmed = defined.table
    if aside:
        trimmed = trimmed.with_schema(
            trimmed.schema.with_roles(
                {a["column"]: "ignored" for a in aside}, "set aside: it seems to hold the answer"
            )
        )
        trimmed = trimmed.with_schema(without_orphans(trimmed.schema))
        both = _both_ways(look, [a["column"] for a in aside], learner)
        aside = [{**a, **both} for a in aside]
    _record(findings, aside, context)
    return Looked(trimmed, tuple(findings), tuple(aside))


def target_look(
    table: Table,
    defined: Defined,
    plan: Protocol,
    learner: QuickLearner,
    deadline: Deadline,
    context: Context,
) -> Look:
    """Open rows, or a sample of them, in folds that keep groups and copies on one side."""
    opened = _sample(plan.plan.open, context)
    y = defined.y[opened]
    group = None if plan.samples.group is None else plan.samples.group[opened]
    unit = plan.samples.copy_of[opened] if group is None else group
    seed = context.seed.child("audit")
    folds = three(len(y), alone(defined.task, y)[1], unit, seed.child("folds"))
    return Look(table.take(opened), defined.task, y, folds, seed, deadline, learner, group, opened)


def reviewed(look: Look, keep: set[str]) -> list[Finding]:
    """The checks that read the target; of several targets for each, in a share of the time."""
    assert look.task is not None
    assert look.y is not None
    if not look.task.parts:
        answer(look, keep)
        return review(look, "target")
    seen: list[Finding] = []
    for j, part in enumerate(look.task.parts):
        until = look.deadline
        if until.at != Deadline.never().at:
            until = Deadline.after(until.left() / (len(look.task.parts) - j))
        one = replace(
            look, task=part, y=look.y[:, j], deadline=until, learner=quick_learner(part), memo={}
        )
        answer(one, keep)
        before = {(f.code, f.where) for f in seen}
        seen += [f for f in review(one, "target") if (f.code, f.where) not in before]
    return seen


def _answered(finding: Finding, known: set[str]) -> Finding:
    """A question that was answered is not asked again: the column stays, and why is said."""
    if not finding.where or not known.issuperset(finding.where):
        return finding
    if not finding.question.startswith("Would you know") and finding.severity != "block":
        return finding
    return replace(finding, question="", did="kept: known at the moment of prediction, as was said")


def _both_ways(look: Look, columns: list[str], learner: QuickLearner) -> dict[str, float]:
    """The out-of-fold score with the columns and without them."""
    without = look.table.with_schema(
        look.table.schema.with_roles(dict.fromkeys(columns, "ignored"), "set aside")
    )
    return {
        "score_with": _quick_score(look, look.table, learner),
        "score_without": _quick_score(look, without, learner),
    }


def _quick_score(look: Look, table: Table, learner: QuickLearner) -> float:
    assert look.task is not None
    assert look.y is not None
    y = look.y
    spec: RecipeSpec = make_spec("trees", table.schema, look.task)
    columns = table.arrays()
    predicted: Doubles = np.full((len(y), look.task.outputs), np.nan)
    for number, (train, valid) in enumerate(look.folds):
        recipe, block = spec.fit(
            {n: a[train] for n, a in columns.items()}, y[train], None, [], look.seed
        )
        test = recipe.transform({n: a[valid] for n, a in columns.items()})
        predicted[valid] = learner(block, y[train], test, look.seed.child("both", number))
    done = ~np.isnan(predicted[:, 0])
    return float(score(look.task.metric, look.task, y[done], predicted[done]).value)


def _sample(opened: Ints, context: Context) -> Ints:
    """At most ``MOST_ROWS`` open rows, fewer under a short budget."""
    most = MOST_ROWS if context.clock.total >= 60 else 5_000
    if len(opened) <= most:
        return opened
    rng = context.seed.child("audit", "rows").rng()
    return np.sort(rng.choice(opened, most, replace=False))


def _deadline(context: Context) -> Deadline:
    if context.clock.work is not None:
        return Deadline.never()
    return Deadline.after(min(LONGEST, SHARE * context.clock.total))


def _is_input(table: Table, column: str) -> bool:
    return column in table.schema and table.schema[column].role == "input"


def _record(findings: Sequence[Finding], aside: Sequence[dict[str, Any]], context: Context) -> None:
    declared = {*context.spec.keep, *available(context.spec.definition, "yes")}
    context.questions += [
        f.question for f in findings if f.question and not set(f.where) <= declared
    ]
    blocks = [f for f in findings if f.severity == "block"]
    context.write(
        "audit",
        f"set aside: {', '.join(a['column'] for a in aside)}" if aside else "nothing set aside",
        f"{len(findings)} findings, {len(blocks)} of them block",
        numbers={
            "findings": [f.as_dict() for f in findings],
            "set_aside": list(aside),
            "not_run": not_run(findings),
        },
        overrule="--keep COLUMN",
    )
