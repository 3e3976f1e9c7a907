"""Step 2, choose an evaluation protocol: who is sealed, who validates whom, at what cost.

Groups and time that nobody named are looked for first. What is certain decides; ``--group none``,
``--time none`` and ``--protocol`` overrule it, and what was found is told all the same.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from heldout.audits.choice import chosen, decline
from heldout.audits.finding import Finding, Look, QuickLearner
from heldout.audits.review import review
from heldout.core.arrays import Array, Doubles, Ints
from heldout.core.clock import Deadline
from heldout.core.names import plural
from heldout.core.seed import Seed
from heldout.splits.plan import Plan, Samples
from heldout.splits.protocol import plan as make_plan
from heldout.splits.samples import Repeats, make_samples, repeats_of
from heldout.stats.blocks import stretches
from heldout.tables.table import Table
from heldout.tasks.task import Task
from heldout.workflow.context import Context
from heldout.workflow.define import Defined
from heldout.workflow.later import check_later
from heldout.workflow.quick import quick_learner
from heldout.workflow.spec import NONE, Spec

SHARE, LEAST, LONGEST = 0.06, 1.5, 15.0  # of the budget, and seconds, to find groups and time:
# a wrong protocol makes every later number wrong, so that a short budget is not spared this
FOUND = "says which rows belong together: found, see --group"


@dataclass(frozen=True)
class Protocol:
    """What was defined, with the groups and the time that were found; samples and the plan."""

    defined: Defined
    samples: Samples
    plan: Plan
    findings: tuple[Finding, ...] = ()

    def units_of(self, rows: Array) -> Ints | None:
        """(rows,) codes of what an interval over these samples counts by: stretches of time
        where time rules, else groups; None: single rows. Too few groups to claim anything stay
        groups."""
        group = None if self.samples.group is None else self.samples.group[rows]
        if self.plan.unit != "time" or self.samples.time is None:
            return group
        if group is not None and self.plan.numbers.get("interval") is False:
            return group
        blocks = stretches(self.samples.time[rows])
        return group if blocks is None else blocks


def protocol(
    defined: Defined,
    context: Context,
    learner: QuickLearner | None = None,
    repeats: Repeats | None = None,
) -> Protocol:
    """Find groups and time, plan by contract 1, and enter reason and cost; ``repeats`` are those
    of the table's rows."""
    if repeats is None:
        repeats = repeats_of(defined.table)
    spec = context.spec
    deadline = Deadline.never()
    if context.clock.work is None:
        deadline = Deadline.after(min(LONGEST, max(LEAST, SHARE * context.clock.total)))
    table, task, findings = find(
        defined.table, defined.task, defined.y, spec, learner, context.seed, deadline, repeats
    )
    defined = dataclasses.replace(defined, table=table, task=task)
    check_later(table, task, spec)
    samples = make_samples(table, task, repeats)
    if task.group or task.time:
        _tell(task, spec, findings, context)
    seal = False if spec.test else spec.seal  # --test FILE is the seal
    made = make_plan(
        samples,
        defined.y,
        defined.task,
        context.seed,
        seal=seal,
        protocol=spec.protocol,
        gap=spec.gap,
        embargo=spec.embargo,
    )
    fits = len(made.folds)
    context.write(
        "plan",
        f"{made.protocol}: {plural(len(made.sealed), 'row')} sealed, {plural(fits, 'fold')}",
        made.reason,
        numbers={
            **made.numbers,
            "protocol": made.protocol,
            "sealed": len(made.sealed),
            "open": len(made.open),
            "folds": fits,
            "repeats": 1 + len(made.more) // max(1, fits),
            "unit": made.unit,
            "units": made.units,
            "rarest": made.rarest,
            "n": len(samples),
            "near_copies": samples.near,
            "near_keys": samples.near_keys,
            "fits_per_candidate": fits + len(made.more),
        },
        overrule="--protocol, --seal, --group (or none), --time (or none)",
    )
    return Protocol(defined, samples, made, tuple(findings))


def find(
    table: Table,
    task: Task,
    y: Doubles,
    spec: Spec,
    learner: QuickLearner | None,
    seed: Seed,
    deadline: Deadline,
    repeats: Repeats | None = None,
) -> tuple[Table, Task, list[Finding]]:
    """The table and the task with the groups and the time that were found, and what was seen.

    The target is read for nothing else: it decides who may validate whom, never what is learned.
    """
    if task.parts:
        return _of_parts(table, task, y, spec, seed, deadline, repeats)
    look = Look(table, task, y, (), seed.child("audit"), deadline, learner)
    if spec.group or spec.protocol:
        decline(look, "group")
    if spec.time or spec.protocol or spec.test:
        decline(look, "time")
    if spec.group and spec.time:
        return table, task, []
    alone = dataclasses.replace(task, group=(), time=())
    look.memo["copies"] = make_samples(table, alone, repeats).copy_of
    findings = review(look, "protocol")
    found = chosen(look)
    if "group" in found and not task.group:
        task = dataclasses.replace(task, group=found["group"])
        if len(found["group"]) == 1 and not _is_fine(findings):
            roles = table.schema.with_roles({found["group"][0]: "group"}, FOUND)
            table = table.with_schema(roles)
    if "time" in found and not task.time:
        task = dataclasses.replace(task, time=found["time"])
    return table, task, findings


def _of_parts(
    table: Table,
    task: Task,
    y: Doubles,
    spec: Spec,
    seed: Seed,
    deadline: Deadline,
    repeats: Repeats | None,
) -> tuple[Table, Task, list[Finding]]:
    """The same for several targets: what was found for one of them holds for all."""
    seen: list[Finding] = []
    for j, part in enumerate(task.parts):
        one = dataclasses.replace(part, group=task.group, time=task.time)
        until = deadline
        if deadline.at != Deadline.never().at:
            until = Deadline.after(deadline.left() / (len(task.parts) - j))
        learner = quick_learner(one)
        table, one, found = find(table, one, y[:, j], spec, learner, seed, until, repeats)
        seen += [f for f in found if (f.code, f.where) not in {(g.code, g.where) for g in seen}]
        task = dataclasses.replace(task, group=one.group, time=one.time)
    return table, task, seen


def _is_fine(findings: Sequence[Finding]) -> bool:
    """Whether the group was found by its values: then it may also inform the model."""
    return any(f.evidence.get("sort") in ("fine", "together") for f in findings)


def _tell(task: Task, spec: Spec, findings: Sequence[Finding], context: Context) -> None:
    """Enter what was found and decides."""
    for part, columns in (("group", task.group), ("time", task.time)):
        if not columns or getattr(spec, part) not in ((), NONE):
            continue
        seen = [f for f in findings if f"--{part} none" == f.overrule]
        context.write(
            "found",
            f"{part}: {', '.join(columns)}",
            "; ".join(f.what for f in seen),
            numbers={"part": part, "columns": list(columns)},
            overrule=f"--{part} none",
        )
