"""Step 6b, look at the data once more, with what the models said of it out of fold.

Suspect labels, columns on which everything hangs, rows whose errors go together. Never at the
price of the clock: without time left it is skipped, and the journal says so.
"""

from __future__ import annotations

import numpy as np

from heldout.audits.finding import Finding, Look, Trained
from heldout.audits.review import cards, missed, not_run, review
from heldout.audits.tidy import tidy
from heldout.core.arrays import Ints
from heldout.core.clock import Deadline
from heldout.report.record import RunRecord
from heldout.splits.folds import three
from heldout.tables.table import Table
from heldout.workflow.context import Context
from heldout.workflow.define import Defined
from heldout.workflow.protocol import Protocol
from heldout.workflow.quick import quick_learner
from heldout.workflow.tune import Tuned, fold_numbers

SHARE, LONGEST, LEAST = 0.04, 10.0, 0.25  # of the budget; seconds
RESERVE = 0.7  # seconds that stay for the report
MOST_ROWS, ROWS_A_SECOND = 20_000, 3_000


def seconds(context: Context) -> float:
    """What the third look may take of this budget."""
    return min(LONGEST, SHARE * context.clock.total)


def look_again(
    tuned: Tuned, table: Table, defined: Defined, plan: Protocol, context: Context
) -> list[Finding]:
    """Review open rows with the out-of-fold predictions of the final choice; enter the findings."""
    if defined.task.parts:
        found = missed([name for name, _ in cards("trained")])
        _record(found, "skipped: these checks read one target", context)
        return found
    left = min(context.clock.deadline(RESERVE).left(), seconds(context))
    if left < LEAST and context.clock.work is None:
        found = missed([name for name, _ in cards("trained")])
        _record(found, "skipped: no time was left", context)
        return found
    rows = _rows(tuned, left, context)
    y = defined.y[rows]
    unit = plan.samples.copy_of if plan.samples.group is None else plan.samples.group
    importance = RunRecord.from_journal(context.folder.journal).numbers("importance")
    look = Look(
        table.take(rows),
        defined.task,
        y,
        three(len(y), y, unit[rows], context.seed.child("audit", "again")),
        context.seed.child("audit", "again"),
        Deadline.never() if context.clock.work is not None else Deadline.after(0.6 * left),
        quick_learner(defined.task),
        None if plan.samples.group is None else plan.samples.group[rows],
        rows,
        trained=Trained(
            tuned.calibrated[rows],
            fold_numbers(plan, len(defined.y))[rows],
            tuple(
                (str(r["column"]), float(r["drop"]), r["low"], r["high"])
                for r in importance.get("rows", ())
            ),
        ),
    )
    found = tidy(review(look, "trained"))
    _record(found, f"{len(found)} findings after training", context)
    return found


def _rows(tuned: Tuned, left: float, context: Context) -> Ints:
    """Scored rows, as many as the time left is good for."""
    rows = np.sort(tuned.rows)
    by_clock = MOST_ROWS // 4 if context.clock.work is not None else int(ROWS_A_SECOND * left)
    most = min(MOST_ROWS, max(500, by_clock))
    if len(rows) > most:
        rng = context.seed.child("audit", "again", "rows").rng()
        rows = np.sort(rng.choice(rows, most, replace=False))
    return rows


def _record(found: list[Finding], words: str, context: Context) -> None:
    context.questions += [f.question for f in found if f.question]
    context.write(
        "audit_again",
        words,
        "once more, with what the models said of each row when they had not seen it",
        numbers={"findings": [f.as_dict() for f in found], "not_run": not_run(found)},
    )
