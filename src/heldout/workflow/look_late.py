"""Step 6c: what the first look had no time for is looked at when time is left in the end.

A short budget gives the first look a second or two, and many searches end early. What is found now
can no longer change the model: a leak is told as a warning, with what to do about it.
"""

from __future__ import annotations

from dataclasses import replace

from heldout.audits.finding import Finding
from heldout.audits.review import MISSED, not_run, review
from heldout.audits.tidy import tidy
from heldout.core.clock import Deadline
from heldout.core.names import plural
from heldout.report.record import RunRecord
from heldout.tables.table import Table
from heldout.workflow.context import Context
from heldout.workflow.define import Defined
from heldout.workflow.look import LONGEST, target_look
from heldout.workflow.protocol import Protocol
from heldout.workflow.quick import quick_learner

LEAST = 0.4  # seconds that are worth a beginning
RESERVE = 1.0  # seconds that stay for the report
SHARE = 0.7  # of what is left: one check may be under way when time is up


def look_late(table: Table, defined: Defined, plan: Protocol, context: Context) -> list[Finding]:
    """Run the checks that read the target and had no time; ``audit`` is entered anew with them."""
    earlier = RunRecord.from_journal(context.folder.journal).numbers("audit")
    names = [str(n) for n in earlier.get("not_run") or ()]
    deadline = context.clock.deadline(RESERVE)
    left = SHARE * min(LONGEST, deadline.left())
    if not names or defined.task.parts or context.clock.work is not None or left < LEAST:
        return []
    learner = quick_learner(defined.task)
    until = Deadline.after(left)
    look = target_look(table, defined, plan, learner, until, context)
    found = tidy([_too_late(f) for f in review(look, "target", names)])
    context.questions += [f.question for f in found if f.question]
    kept = [f for f in earlier.get("findings") or () if f.get("code") != MISSED]
    context.write(
        "audit",
        plural(len(names) - len(not_run(found)), "check") + " that had no time before",
        plural(len(found), "finding") + "; none can change the model any more",
        numbers={
            **earlier,
            "findings": kept + [f.as_dict() for f in found],
            "not_run": not_run(found),
        },
    )
    return found


def _too_late(finding: Finding) -> Finding:
    """A leak that is seen now was part of what the models learned from."""
    if finding.severity != "block":
        return finding
    columns = ",".join(finding.where)
    return replace(
        finding,
        severity="warn",
        did="nothing: it was seen after training, as there was no time before",
        advice=f"run again with --drop {columns}, or with a longer --budget",
        question=finding.question or f"Would you know {columns} when you predict?",
    )
