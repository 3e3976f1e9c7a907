"""``--test FILE``: the user's own sealed rows, opened once under the same rules (contract 1)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from heldout.bundle import Bundle
from heldout.core.arrays import Bools
from heldout.core.errors import HeldoutError
from heldout.core.names import count, quoted
from heldout.splits.protocol import fingerprint
from heldout.tasks import null
from heldout.tasks.several import known
from heldout.workflow.answer import Labeled, answered_rows
from heldout.workflow.baseline import Baseline
from heldout.workflow.context import Context
from heldout.workflow.define import Defined
from heldout.workflow.protocol import Protocol
from heldout.workflow.verdict import Verdict, enter_opening, judge

FEWEST = 20


def open_test(
    bundle: Bundle,
    defined: Defined,
    plan: Protocol,
    trivial: Baseline,
    run_id: str,
    context: Context,
) -> Verdict:
    """Answer the file with the bundle read back; rows that were trained on are left out.

    Raises H320 where fewer than 20 rows are left.
    """
    path = str(context.spec.test)
    found = answered_rows(bundle, path, context.spec.rename)
    keep = known(found.y) & ~_trained(found, context)
    if keep.sum() < FEWEST:
        raise HeldoutError(
            "H320",
            f"{Path(path).name} has only {count(int(keep.sum()))} rows to score",
            seen=f"{count(len(keep))} rows; rows that were trained on, and rows without an "
            "answer, do not count",
            why="a score on so few rows would say nothing",
            do=[
                f"heldout run {quoted(context.spec.data)} --target {quoted(','.join(defined.task.targets))}"
            ],
        )
    y, predicted = found.y[keep], found.prediction[keep]
    name = fingerprint(found.hashes[keep], y, defined.task)
    openings, before = enter_opening(
        name,
        f"{Path(path).name}, once, by the bundle read back from disk",
        run_id,
        context,
        left_out=int((~keep).sum()),
    )
    nothing = null.predict(trivial.name, defined.task, defined.y[plan.plan.open], int(keep.sum()))
    return judge(
        defined.task,
        y,
        predicted,
        nothing,
        groups=None,
        threshold=bundle.threshold,
        sealed=True,
        openings=openings,
        before=before,
    )


def _trained(found: Labeled, context: Context) -> Bools:
    """Which rows of the file the run was trained on."""
    return np.isin(found.hashes, np.load(context.folder.seen, allow_pickle=False))
