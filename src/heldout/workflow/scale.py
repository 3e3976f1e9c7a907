"""Step 5, scale up: try models in order of promise, on the clock, until more is unlikely to help."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from heldout.core.arrays import Doubles, Ints
from heldout.core.clock import Deadline
from heldout.core.errors import HeldoutError
from heldout.core.space import Settings
from heldout.models.card import MODELS, Size
from heldout.models.portfolio import Candidate, keras_is_installed, portfolio
from heldout.report.progress import line
from heldout.report.words import is_of_target
from heldout.search.pool import Pool
from heldout.search.result import Event, SearchInput, SearchResult
from heldout.search.run import search
from heldout.search.spaces import check, settings_of
from heldout.splits.units import join
from heldout.tables.schema import Schema
from heldout.tasks.task import Task
from heldout.workflow.context import Context
from heldout.workflow.define import Defined
from heldout.workflow.early import early_bundle
from heldout.workflow.ladder import ladder
from heldout.workflow.limits import kept_within
from heldout.workflow.look import Looked
from heldout.workflow.may_miss import may_miss
from heldout.workflow.protocol import Protocol
from heldout.workflow.remedies import enter_remedy

RESERVE_SHARE, RESERVE_LEAST, RESERVE_MOST = 0.15, 2.2, 15.0  # of the budget; seconds
EVERY = 10.0  # seconds between two progress lines where there is no terminal
MEMORY_SHARE = 0.7


def scale(
    defined: Defined, looked: Looked, plan: Protocol, pool: Pool, fingerprint: str, context: Context
) -> SearchResult:
    """Search, telling and entering what happens; raises H801 where nothing finished in time."""
    task = defined.task
    schema = looked.table.schema
    rows = len(plan.plan.folds[0].training)
    candidates = _candidates(task, schema, rows, context)
    weights = _weights(task, looked)
    samples = plan.samples
    unit = samples.copy_of if samples.group is None else join(samples.group, samples.copy_of)
    given = SearchInput(
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
        work=_work(len(plan.plan.folds), context),
        held=held(context),
        memory_limit=_memory(),
        may_miss=may_miss(schema, context),
        on_event=_Teller(
            context,
            lambda name, settings: early_bundle(
                name, settings, defined, looked, plan, fingerprint, context
            ),
            is_of_target(defined.task.metric) and not defined.task.parts,
        ).tell,
    )
    given = ladder(given, _interval_units(plan, len(defined.y)), context)
    found = search(given)
    if not found.usable and found.ended == "budget":
        found = _at_least_one(given, context)
    if not found.usable:
        if found.ended == "interrupted":
            raise KeyboardInterrupt  # there is nothing to end with
        raise _nothing_fitted(context)
    found = kept_within(found, given, looked.table, context)
    _board(found, context)
    return found


def _interval_units(plan: Protocol, n: int) -> Ints | None:
    """(samples,) what intervals over open samples count by; 0 on the others."""
    found = plan.units_of(plan.plan.open)
    if found is None:
        return None
    units = np.zeros(n, dtype=np.int64)
    units[plan.plan.open] = found
    return units


def _work(folds: int, context: Context) -> int | None:
    """The fits of ``--work``, but enough for one candidate on all folds: with fewer there would be
    no score."""
    asked = context.spec.work
    if asked is None or asked >= folds:
        return asked
    words = f"--work {asked} is raised to {folds}: one candidate needs a fit for each fold"
    context.tell(words)
    context.write("work", words, "a candidate is scored once all its folds are fitted")
    return folds


def _at_least_one(given: SearchInput, context: Context) -> SearchResult:
    """The cheapest candidate on every fold, beyond the budget, where that and what follows cost
    less than the budget again: on a busy machine an answer late is of more use than none."""
    folds = given.plan.folds
    size = Size(len(folds[0].training), len(given.schema.inputs), given.task.outputs)
    prices = [
        len(folds) * MODELS.get(c.card).cost(size, c.settings).seconds for c in given.candidates
    ]
    price = min(prices)
    if price + reserve(context) > context.clock.total:
        raise _nothing_fitted(context)
    cheapest = given.candidates[prices.index(price)]
    words = f"no model was there when the time for fitting was up: {cheapest.name} is fitted all the same"
    context.tell(words)
    context.write(
        "late", words, f"its {len(folds)} fits cost about {price:.2g} s", overrule="--budget"
    )
    late = replace(given, candidates=[cheapest], deadline=Deadline.never(), work=len(folds))
    return search(late)


def _nothing_fitted(context: Context) -> HeldoutError:
    """What to say where the search ended without one model."""
    clock = context.clock
    failed = [f"{e.decision}: {e.reason}" for e in context.journal.entries() if e.step == "fit"]
    if clock.work is not None:
        spent = f"--work {clock.work} counts fits; none of {clock.work} gave a model"
        more = "give more fits with --work"
    else:
        default = "" if clock.budget is not None else " (the default, as no --budget was given)"
        spent = f"{clock.elapsed():.1f} s of {clock.total:.4g} s{default}"
        more = "give more time with --budget"
    last = f"; {failed[-1]}" if failed else ""
    if any(words in last for words in (os.strerror(errno.ENOSPC), "requested and")):
        return HeldoutError(
            "H802",
            "no room left on the disk",
            seen=last[2:202],
            why="fits are kept in the folder of the run",
            do=["free some space, then run the same command again"],
            wrote=f"The journal is in {context.folder.path}; the same command goes on.",
        )
    return HeldoutError(
        "H801",
        "the budget was spent before any model was fitted",
        seen=spent + last[:200],
        why="without one fitted model there is nothing to score",
        do=[f"{more}, or fewer rows"],
        wrote=f"The journal is in {context.folder.path}; the same command goes on.",
    )


def _board(found: SearchResult, context: Context) -> None:
    """Enter every candidate with its score."""
    board = found.leaderboard()
    context.write(
        "leaderboard",
        f"{len(board)} candidates, best {board[0]['name']}",
        f"the search ended: {found.ended}",
        numbers={"rows": board, "ended": found.ended, "fits": found.fits},
        cost=found.cpu_seconds,
    )


def _weights(task: Task, looked: Looked) -> Doubles | None:
    """How much each sample counts, (samples,); a missing weight counts nothing."""
    if task.weight is None:
        return None
    stored = looked.table.arrays([task.weight])[task.weight]
    return np.nan_to_num(np.asarray(stored, dtype=np.float64), nan=0.0)


def _candidates(task: Task, schema: Schema, rows: int, context: Context) -> list[Candidate]:
    """What will be tried; raises H103 where nothing of --models fits the task."""
    spec = context.spec
    size = Size(rows, len(schema.inputs), task.outputs)
    seconds = context.clock.total if spec.work is None else 60.0
    pictures = any(c.kind == "image" for c in schema.inputs)
    _networks(spec.models)
    candidates = portfolio(task, size, seconds, spec.models or None, pictures)
    candidates = _with_guests(candidates, context, pictures)
    candidates = _holding(candidates, held(context))
    if not candidates:
        raise HeldoutError(
            "H103",
            f"none of --models {','.join(spec.models)} can be tried on a {task.kind} task",
            seen="the columns of this table hold pictures" if pictures else "",
            why="there would be nothing to score",
            do=[f"heldout models --task {task.kind}"],
        )
    return candidates


def _with_guests(candidates: list[Candidate], context: Context, pictures: bool) -> list[Candidate]:
    """Guests come second: what can certainly be bundled is there first."""
    named, known = context.spec.models, {c.card for c in candidates}
    own = [g for g in context.guests if (not named or g in named) and g not in known]
    if not pictures:
        own = [g for g in own if MODELS.get(g).view != "image"]
    return [*candidates[:1], *(Candidate(g, g) for g in own), *candidates[1:]]


def held(context: Context) -> dict[str, dict[str, Any]]:
    """Settings that were said with --set, by the models that they speak of."""
    said = context.spec.settings
    check(said)
    by_card = {card.name: settings_of(card, said) for card in MODELS.all()} if said else {}
    return {name: settings for name, settings in by_card.items() if settings}


def _holding(candidates: list[Candidate], by_card: Mapping[str, Any]) -> list[Candidate]:
    """With the settings that were said; those that become equal are tried once."""
    made = [replace(c, settings={**c.settings, **by_card.get(c.card, {})}) for c in candidates]
    return list({c.digest: c for c in reversed(made)}.values())[::-1]


def _networks(names: Sequence[str]) -> None:
    """H109 where a network was named and Keras is not here."""
    asked = [n for n in names if n in MODELS.names() and MODELS.get(n).family == "net"]
    if asked and not keras_is_installed():
        raise HeldoutError(
            "H109",
            f"{', '.join(asked)} needs Keras and JAX, which are not installed",
            seen="--models " + ",".join(names),
            why="networks are fitted by Keras on JAX; the rest of heldout does without",
            do=["pip install 'heldout[nets]'", "or leave the networks out of --models"],
        )


def reserve(context: Context) -> float:
    """Seconds kept for choosing, refitting, comparing, the seal and the report."""
    return min(RESERVE_MOST, max(RESERVE_LEAST, RESERVE_SHARE * context.clock.total))


class _Teller:
    """Enters fits into the journal and shows one line of progress."""

    def __init__(
        self, context: Context, first: Callable[[str, Settings], None], of_target: bool
    ) -> None:
        self.context, self.of_target = context, of_target  # whether scores are in its unit
        self.first: Callable[[str, Settings], None] | None = first
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
        if event.kind == "remedy":
            enter_remedy(event, self.context)
        if event.kind == "progress" and self.first is not None:
            self.first(event.candidate, event.numbers["settings"])
            self.first = None
        if event.kind == "progress":
            self.best = {k: event.numbers.get(k) for k in ("value", "low", "high")}
        elapsed = self.context.clock.elapsed()
        if elapsed - self.said < (1.0 if self.context.redraws else EVERY):
            return
        self.said = elapsed
        total = None if self.context.spec.work is not None else self.context.clock.total
        self.context.progress(
            line(
                elapsed, total, "tuning", *(self.best.get(k) for k in ("value", "low", "high")),
                of_target=self.of_target,
            )
        )  # fmt: skip


def _memory() -> float | None:
    """Bytes that all workers together may take; None where the system does not tell."""
    try:
        return MEMORY_SHARE * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return None
