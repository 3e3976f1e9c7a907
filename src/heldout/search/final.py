"""Further repeats for the chosen ones, and their refit on all open samples (joints 10, 11)."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.core.clock import Deadline, now
from heldout.core.space import Settings
from heldout.models.portfolio import Candidate
from heldout.primitives.recipe import Recipe
from heldout.search.data import FINAL, write_columns
from heldout.search.fits import Finished, Store, digest
from heldout.search.pool import Pool
from heldout.search.result import CandidateResult, SearchResult
from heldout.tables.table import Columns

TICK = 0.2
LEAST_ROUNDS = 0.35  # of those that were planned: with fewer it is another model
FITTING = 0.75  # of the time to the deadline; the rest is for predicting and writing


@dataclass(frozen=True)
class FinalModel:
    """A member fitted on every open sample. ``state`` is what its card writes into the graph;
    ``probe`` (rows, outputs) the training side's own prediction of the probe columns; where
    ``failure`` says why there is none, both are empty."""

    name: str
    card: str
    settings: Settings
    weight: float
    rounds: int | None
    state: dict[str, Array]
    probe: Doubles
    cpu_seconds: float = 0.0
    stopped: bool = False  # the clock ended the fit at fewer rounds
    failure: str = ""


@dataclass(frozen=True)
class FinalModels:
    """Members in the order of the choice, and the recipes of their views on every open sample."""

    members: tuple[FinalModel, ...]
    recipes: dict[str, Recipe]


def final_rounds(result: CandidateResult, found: SearchResult) -> int | None:
    """Median of the best rounds, times the growth of the training part; None where a learner
    has no rounds."""
    pairs = [
        (fit.rounds, len(found.data.folds[i].train))
        for i, fit in enumerate(result.fits)
        if fit is not None and fit.rounds > 0
    ]
    if not pairs:
        return None
    n_train = statistics.median(n for _, n in pairs)
    growth = len(found.data.open) / max(1.0, n_train)
    return max(1, round(statistics.median(r for r, _ in pairs) * growth))


def final_settings(result: CandidateResult) -> dict[str, Any]:
    """The candidate's settings, with the folds' median where a fit found one by itself: what one
    part of the rows happens to like does not decide what answers. Of two middle ones the larger,
    which is the stronger penalty."""
    chosen: dict[str, list[float]] = {}
    for fit in result.fits:
        for name, value in (fit.meta.get("chosen", {}) if fit is not None else {}).items():
            chosen.setdefault(name, []).append(value)
    return {**result.settings, **{n: statistics.median_high(v) for n, v in chosen.items()}}


def refit(
    found: SearchResult,
    pool: Pool,
    *,
    probe: Columns | None = None,
    deadline: Deadline | None = None,
) -> FinalModels:
    """Fit every chosen member on all open samples, in the workers.

    ``probe`` are typed columns on which recipe and library then predict, for the comparison with
    the graph. A member that fails or overruns ``deadline`` is returned with its ``failure``.
    """
    data, orders = found.data, found.orders
    folder = data.folder.parent.parent
    place = None if probe is None else _write_probe(folder, probe)
    store = Store(folder / "fits")
    pool.put(folder)
    jobs = []
    for result, weight in found.members:
        rounds = final_rounds(result, found)
        candidate = Candidate(result.name, result.card, final_settings(result))
        jobs.append((result, weight, rounds, orders.final(candidate, rounds, place)))
    until = None if deadline is None or deadline.at == float("inf") else deadline.at
    share = _fitting_share(found, 0 if probe is None else len(next(iter(probe.values()))))
    order = sorted(range(len(jobs)), key=lambda i: _longest(jobs[i][0]))
    kept, failures = _run(pool, store, [jobs[i][3] for i in order], until, share)
    place_of = {job: at for at, job in enumerate(order)}
    members = [
        final_model(
            found, result, weight, rounds, kept.get(place_of[i]), failures.get(place_of[i], "")
        )
        for i, (result, weight, rounds, _) in enumerate(jobs)
    ]
    views = dict.fromkeys(result.model.view for result, _ in found.members)
    recipes = {view: found.recipe(view, FINAL) for view in views}
    return FinalModels(tuple(members), {v: r for v, r in recipes.items() if r is not None})


def _longest(result: CandidateResult) -> float:
    """Seconds of its longest fold: short refits go first, so that none waits behind one that takes
    all the time there is."""
    fits = [f for f in result.fits if f is not None]
    return max((float(f.meta.get("wall_seconds", 0.0)) for f in fits), default=0.0)


def growth(found: SearchResult) -> float:
    """How many times as many samples the final fit has as a fold's."""
    sizes = [len(f.train) for f in found.data.folds if f.repeat == 0]
    return len(found.data.open) / max(1.0, statistics.median(sizes))


def final_model(
    found: SearchResult,
    result: CandidateResult,
    weight: float,
    rounds: int | None,
    fit: Finished | None,
    failure: str,
) -> FinalModel:
    """One member; a fit that the clock ended far too early counts as failed. Where a learner has
    no rounds, that is one that the clock left alone in the folds."""
    if fit is not None and fit.stopped:
        if rounds is None and 2 * result.stopped <= len(result.rounds):
            failure, fit = "the clock ended its refit", None
        elif fit.rounds < LEAST_ROUNDS * (rounds or 0):
            failure = f"the clock ended its refit at {fit.rounds} of {rounds} rounds"
            fit = None
    empty = np.zeros((0, found.data.task.outputs))
    return FinalModel(
        result.name,
        result.card,
        result.settings,
        weight,
        rounds,
        (fit.state() if fit is not None else None) or {},
        empty if fit is None else fit.prediction,
        0.0 if fit is None else fit.cpu_seconds,
        fit is not None and fit.stopped,
        failure,
    )


def _fitting_share(found: SearchResult, probe: int) -> float:
    """The part of its time that a refit may fit; the rest is for predicting ``probe`` rows, by
    what fitting and predicting took in the folds, with room for a machine that grows busy."""
    fitting, predicting, more = 1e-3, 0.0, growth(found)
    for result, _ in found.members:
        for i, fit in enumerate(result.fits):
            if fit is not None and "predict_seconds" in fit.meta:
                took = float(fit.meta["predict_seconds"])
                fitting += (float(fit.meta["wall_seconds"]) - took) * more**2
                predicting += took * more * probe / max(1, len(found.data.folds[i].valid))
    return min(0.9, max(0.3, fitting / (fitting + 2.5 * predicting)))


def more_repeats(found: SearchResult, pool: Pool, *, deadline: Deadline) -> list[Doubles]:
    """Fit the plan's further repeats for the chosen members, one repeat after the other while
    the clock allows; returns the blended prediction (samples, outputs) of each whole repeat
    (repeat 0 not included)."""
    data, orders = found.data, found.orders
    store = Store(data.folder.parent.parent / "fits")
    repeats = sorted({f.repeat for f in data.folds} - {0})
    made = []
    for repeat in repeats:
        folds = [i for i, f in enumerate(data.folds) if f.repeat == repeat]
        jobs = [
            (m, fold, orders.fit(Candidate(r.name, r.card, r.settings), fold))
            for m, (r, _) in enumerate(found.members)
            for fold in folds
        ]
        if deadline.passed or pool.stopping:
            break
        until = None if deadline.at == float("inf") else deadline.at
        kept, failures = _run(pool, store, [job[2] for job in jobs], until)
        if failures or any(fit.stopped for fit in kept.values()):
            break
        made.append(_blended(found, jobs, kept))
    return made


def _blended(
    found: SearchResult, jobs: Sequence[tuple[int, int, object]], kept: dict[int, Finished]
) -> Doubles:
    """The members' weighted mean over one repeat."""
    data = found.data
    total = np.full((len(data.y), data.task.outputs), np.nan)
    weights = [w for _, w in found.members]
    for i, (member, fold, _) in enumerate(jobs):
        valid = data.folds[fold].valid
        part = weights[member] * kept[i].prediction
        total[valid] = part if member == 0 else total[valid] + part
    return total


def _run(
    pool: Pool,
    store: Store,
    messages: Sequence[dict[str, object]],
    until: float | None,
    share: float = FITTING,
) -> tuple[dict[int, Finished], dict[int, str]]:
    """Send all messages that the store cannot answer; (results, failures) by position. A worker
    that died is given its message once more. Fits are asked to end early enough to predict."""
    start = now()
    soft = None if until is None else start + share * max(0.0, until - start)
    kept: dict[int, Finished] = {}
    failures: dict[int, str] = {}
    tickets: dict[int, int] = {}
    again: set[int] = set()
    for i, message in enumerate(messages):
        stored = store.get(str(message["key"]))
        if stored is not None:
            kept[i] = stored
        else:
            tickets[pool.submit({**message, "end": soft}, until)] = i
    while tickets:
        for reply in pool.wait(TICK):
            at = tickets.pop(reply.ticket, None)
            if at is None:
                continue
            if reply.end == "died" and at not in again:
                again.add(at)
                tickets[pool.submit({**messages[at], "end": soft}, until)] = at
                continue
            key = str(messages[at]["key"])
            found = (store.get(key) or store.get(f"{key}-stopped")) if reply.ok else None
            if found is None:
                failures[at] = reply.words or "its result could not be read back"
            else:
                kept[at] = found
    return kept, failures


def _write_probe(folder: Path, probe: Columns) -> str:
    """The probe columns as files, named by their content."""
    name = digest(*(part for c in sorted(probe) for part in (c, _hashable(probe[c]))))[:32]
    place = folder / "work" / "probe" / name
    if not (place / "columns.json").exists():
        write_columns(place, probe)
    return str(place)


def _hashable(values: Array) -> object:
    return values.tolist() if values.dtype == object else values
