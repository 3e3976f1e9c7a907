"""Step 5, scale up: try models in order of promise, on the clock, until more is unlikely to help."""

from __future__ import annotations

import numpy as np

from heldout.core.errors import HeldoutError
from heldout.models.card import MODELS, Size
from heldout.models.portfolio import Candidate, portfolio
from heldout.report.progress import line
from heldout.search.pool import Pool
from heldout.search.result import Event, SearchInput, SearchResult
from heldout.search.run import search
from heldout.splits.units import join
from heldout.tables.schema import Schema
from heldout.tasks.task import Task
from heldout.workflow.context import Context
from heldout.workflow.define import Defined
from heldout.workflow.look import Looked
from heldout.workflow.protocol import Protocol

RESERVE_SHARE, RESERVE_LEAST, RESERVE_MOST = 0.12, 2.2, 15.0  # of the budget; seconds
EVERY = 10.0  # seconds between two progress lines where there is no terminal
MEMORY_SHARE = 0.7


def scale(
    defined: Defined, looked: Looked, plan: Protocol, pool: Pool, fingerprint: str, context: Context
) -> SearchResult:
    """Search, telling and entering what happens; raises H801 where nothing finished in time."""
    task, spec = defined.task, context.spec
    schema = looked.table.schema
    rows = len(plan.plan.folds[0].training)
    candidates = _candidates(task, schema, rows, context)
    weights = None
    if task.weight is not None:
        weights = np.nan_to_num(looked.table.arrays([task.weight])[task.weight], nan=0.0)
    samples = plan.samples
    unit = samples.copy_of if samples.group is None else join(samples.group, samples.copy_of)
    found = search(
        SearchInput(
            folder=context.folder.path,
            pool=pool,
            task=task,
            schema=schema,
            columns=looked.table.arrays(),
            y=defined.y,
            plan=plan.plan,
            candidates=candidates,
            seed=context.seed,
            deadline=context.clock.deadline(reserve(context)),
            fingerprint=fingerprint,
            weights=weights,
            unit=unit,
            groups=samples.group,
            work=spec.work,
            memory_limit=_memory(),
            on_event=_Teller(context).tell,
        )
    )
    if not found.usable:
        raise HeldoutError(
            "H801",
            "the budget was spent before any model was fitted",
            seen=f"{context.clock.elapsed():.1f} s of {context.clock.total:.0f} s",
            why="without one fitted model there is nothing to score",
            do=["give more time with --budget, or fewer rows"],
            wrote=f"The journal is in {context.folder.path}; the same command goes on.",
        )
    board = found.leaderboard()
    context.write(
        "leaderboard",
        f"{len(board)} candidates, best {board[0]['name']}",
        f"the search ended: {found.ended}",
        numbers={"rows": board, "ended": found.ended, "fits": found.fits},
        cost=found.cpu_seconds,
    )
    return found


def _candidates(task: Task, schema: Schema, rows: int, context: Context) -> list[Candidate]:
    """What will be tried; raises H103 where nothing of --models fits the task."""
    spec = context.spec
    size = Size(rows, len(schema.inputs), task.outputs)
    seconds = context.clock.total if spec.work is None else 60.0
    pictures = any(c.kind == "image" for c in schema.inputs)
    candidates = portfolio(task, size, seconds, spec.models or None, pictures)
    if not candidates:
        raise HeldoutError(
            "H103",
            f"none of --models {','.join(spec.models)} can be tried on a {task.kind} task",
            seen="the columns of this table hold pictures" if pictures else "",
            why="there would be nothing to score",
            do=[f"heldout models --task {task.kind}"],
        )
    return candidates


def reserve(context: Context) -> float:
    """Seconds kept for choosing, refitting, comparing, the seal and the report."""
    return min(RESERVE_MOST, max(RESERVE_LEAST, RESERVE_SHARE * context.clock.total))


def families(names: list[str]) -> list[str]:
    """The families of the named learners, each once."""
    return list(dict.fromkeys(MODELS.get(n).family for n in names))


class _Teller:
    """Enters fits into the journal and shows one line of progress."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.said = -EVERY
        self.best: dict[str, float | None] = {}

    def tell(self, event: Event) -> None:
        """One event of the search."""
        if event.kind in ("finished", "failed", "skipped", "dropped"):
            self.context.write(
                "fit",
                f"{event.candidate}: {event.kind}",
                event.reason,
                numbers={"candidate": event.candidate, "status": event.kind, **event.numbers},
                cost=event.cost,
            )
        if event.kind == "progress":
            self.best = {k: event.numbers.get(k) for k in ("value", "low", "high")}
        elapsed = self.context.clock.elapsed()
        if elapsed - self.said < (1.0 if self.context.redraws else EVERY):
            return
        self.said = elapsed
        total = None if self.context.spec.work is not None else self.context.clock.total
        self.context.progress(
            line(elapsed, total, "tuning", *(self.best.get(k) for k in ("value", "low", "high")))
        )


def _memory() -> float | None:
    """Bytes that all workers together may take; None where the system does not tell."""
    try:
        import os

        return MEMORY_SHARE * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return None
