"""Limits that no chosen model may break, and what is preferred among the nearly best (TASK-06).

Each candidate's piece, as it was fitted on the first fold, is made a graph and asked for one row
many times: its latency and size are measured; memory is a rule of thumb.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from heldout.core.clock import now
from heldout.core.errors import HeldoutError
from heldout.metrics.scoring import compare
from heldout.models.assemble import Member, assemble
from heldout.search.choose import Choice
from heldout.search.result import CandidateResult, SearchInput, SearchResult
from heldout.search.tally import SIMPLEST, chosen, predicted
from heldout.tables.table import Table
from heldout.workflow.context import Context
from heldout.workflow.parity import opened

READABLE = ("linear", "tree", "bayes")
ROUNDS = 30
UNITS = {"latency_ms": "ms for one row", "size_mb": "MB", "memory_mb": "MB of memory"}


@dataclass(frozen=True)
class Measured:
    """Of one graph: milliseconds for one row (median), megabytes of the file, megabytes that it
    takes when loaded: a guess, twice the file and 20 for the runtime's own."""

    latency_ms: float
    size_mb: float

    @property
    def memory_mb(self) -> float:
        """Roughly what a process needs for it."""
        return 20.0 + 2.0 * self.size_mb

    def broken(self, limits: Mapping[str, float | bool]) -> str:
        """The limit that is broken, in words; empty where none is."""
        for name, unit in UNITS.items():
            if name in limits and getattr(self, name) > float(limits[name]):
                return f"{getattr(self, name):.3g} {unit}, {float(limits[name]):.3g} allowed"
        return ""


def kept_within(
    found: SearchResult, given: SearchInput, table: Table, context: Context
) -> SearchResult:
    """The same search with a choice among those that break no limit; what leaves is journaled.

    Raises H405 where every candidate breaks one.
    """
    spec = context.spec
    guests = [r for r in found.usable if unbundled(r)]
    if not spec.limits and spec.prefer in (None, "accurate") and not guests:
        return found
    kept: list[tuple[CandidateResult, Measured | None]] = []
    lost: list[str] = []
    for result in found.usable:
        measured, why = _looked_at(result, found, table, spec.limits)
        if why:
            lost.append(f"{result.name}: {why}")
            context.write("limits", f"{result.name} is left out", why, overrule="--limits")
        else:
            kept.append((result, measured))
    if not kept:
        raise HeldoutError(
            "H405",
            "no model keeps the limits",
            seen="; ".join(lost[:4]),
            why="a model that breaks a limit cannot be used where the limit holds",
            do=["loosen the limit, or name other models with --models"],
            wrote=f"The journal is in {context.folder.path}.",
        )
    among = tuple(r for r, _ in kept)
    rows = predicted(given, *(r.prediction for r in among))
    choice = chosen(given, among, rows)
    assert choice is not None
    alone = spec.limits.get("explainable") or spec.prefer not in (None, "accurate")
    total = sum((m.latency_ms for i, _ in choice.members if (m := kept[i][1])), 0.0)
    size = sum((m.size_mb for i, _ in choice.members if (m := kept[i][1])), 0.0)
    if alone or Measured(total, size).broken(spec.limits):
        choice = _single(given, among, [m for _, m in kept], choice.best, rows, spec.prefer)
    names = [among[i].name for i, _ in choice.members]
    context.write(
        "limits",
        f"{' + '.join(names)}: {choice.reason}",
        f"{len(lost)} left out",
        numbers={
            "limits": dict(spec.limits),
            "prefer": spec.prefer,
            "measured": {
                r.name: {"latency_ms": m.latency_ms, "size_mb": m.size_mb, "memory_mb": m.memory_mb}
                for r, m in kept
                if m is not None
            },
            "left_out": lost,
        },
        overrule="--limits, --prefer",
    )
    return replace(found, usable=among, scored=rows, choice=choice, spare=())


def _looked_at(
    result: CandidateResult, found: SearchResult, table: Table, limits: Mapping[str, float | bool]
) -> tuple[Measured | None, str]:
    """Measurements, and why it may not be chosen."""
    if unbundled(result):
        return None, unbundled(result)
    if limits.get("explainable") and result.model.family not in READABLE:
        return None, f"{result.model.title} cannot be read: explainable models only"
    measured = _measure(result, found, table)
    if measured is None:
        needed = [name for name in UNITS if name in limits]
        return None, f"{', '.join(needed)} could not be measured" if needed else ""
    return measured, measured.broken(limits)


def unbundled(result: CandidateResult) -> str:
    """Why a candidate cannot become part of a graph; "" where it can."""
    if not result.model.bundles:
        return "a reference: it cannot be bundled"
    told = (fit.meta.get("numbers", {}).get("unbundled") for fit in result.fits if fit is not None)
    return next((str(why) for why in told if why), "")


def _measure(result: CandidateResult, found: SearchResult, table: Table) -> Measured | None:
    fit = result.fits[0]
    state = fit.state() if fit is not None else None
    recipe = found.recipe(result.model.view, 0)
    if state is None or recipe is None:
        return None
    member = Member(result.card, result.settings, state)
    graph = assemble(found.data.task, table.schema, {result.model.view: recipe}, [member]).model
    ask = opened(graph)
    names = [c.name for c in table.schema.asked().inputs]
    row = table.take(np.array([0])).arrays(names)
    times = []
    for _ in range(ROUNDS):
        started = now()
        ask(row)
        times.append(1_000 * (now() - started))
    return Measured(float(np.median(times)), len(graph) / 1e6)


def _single(
    given: SearchInput,
    among: Sequence[CandidateResult],
    measured: Sequence[Measured | None],
    best: int,
    rows: np.ndarray,
    prefer: str | None,
) -> Choice:
    """One model: of those within noise of the best one, the simplest, smallest or fastest."""

    def rank(i: int) -> float:
        m = measured[i]
        if prefer == "small":
            return m.size_mb if m else np.inf
        if prefer == "fast":
            return m.latency_ms if m else np.inf
        family = among[i].model.family
        return SIMPLEST.index(family) if family in SIMPLEST else 9

    near = [best]
    if prefer not in (None, "accurate"):
        near += [
            i for i in range(len(among)) if i != best and _within_noise(given, among, i, best, rows)
        ]
    pick = min(near, key=rank)
    words = {"small": "smallest", "fast": "fastest", "simple": "simplest"}.get(str(prefer))
    reason = f"the {words} within noise of the best" if words else "the best single one"
    return Choice(((pick, 1.0),), 1, reason, best)


def _within_noise(
    given: SearchInput, among: Sequence[CandidateResult], i: int, best: int, rows: np.ndarray
) -> bool:
    """Whether the best one's lead is no more than its standard error."""
    lead = compare(
        given.task.metric,
        given.task,
        given.y[rows],
        among[best].prediction[rows],
        among[i].prediction[rows],
        groups=None if given.groups is None else given.groups[rows],
    )
    return lead.value <= (lead.standard_error or 0.0)
