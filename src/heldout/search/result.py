"""What goes into a search and what comes out of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from heldout.core.arrays import Bools, Doubles, Ints
from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.core.space import Settings
from heldout.metrics.score import Score
from heldout.models.card import MODELS, ModelCard
from heldout.primitives.recipe import Recipe, RecipeSpec
from heldout.search.choose import Choice
from heldout.search.data import TrainingData
from heldout.search.fits import Finished
from heldout.search.orders import Orders
from heldout.search.pool import Pool
from heldout.search.prepare import read, recipe_key
from heldout.splits.plan import Plan
from heldout.tables.schema import Schema
from heldout.tables.table import Columns
from heldout.tasks.task import Task

if TYPE_CHECKING:
    import polars as pl

    from heldout.models.portfolio import Candidate


APART = ("behind", "behind_low", "behind_high", "p", "p_holm", "cannot_be_told")


@dataclass(frozen=True)
class Event:
    """Told while the search goes on. ``kind``: "started", "finished", "failed", "skipped" (never
    started, with the reason), "dropped" (cannot help the ensemble), "remedy" (something was wrong with
    a network: symptom, evidence, remedy, outcome), "progress" (``numbers``:
    score, low, high, done, planned). ``cost``: CPU seconds."""

    kind: str
    candidate: str = ""
    reason: str = ""
    numbers: Mapping[str, Any] = field(default_factory=dict)
    cost: float | None = None


@dataclass(frozen=True)
class SearchInput:
    """``folder`` is the run folder (``fits/`` and ``work/`` below it); ``columns`` hold all
    samples; ``y`` (samples,) and ``weights`` likewise; ``unit`` (samples,) codes of samples that
    never part company (group and copies), ``groups`` the codes that intervals count by (None:
    samples). ``deadline`` is the moment the search must have ended; ``work`` counts fits
    instead. ``draws``: vary settings once the candidates have run; ``held`` by card are not varied. ``memory_limit`` bytes for all workers together."""

    folder: Path
    pool: Pool
    task: Task
    schema: Schema
    columns: Columns
    y: Doubles
    plan: Plan
    candidates: Sequence[Candidate]
    seed: Seed
    deadline: Deadline
    fingerprint: str = ""
    weights: Doubles | None = None
    unit: Ints | None = None
    groups: Ints | None = None
    specs: Mapping[str, RecipeSpec] | None = None
    work: int | None = None
    draws: bool = True
    held: Mapping[str, Settings] = field(default_factory=dict)
    memory_limit: float | None = None
    may_miss: Sequence[str] = ()
    on_event: Callable[[Event], None] = lambda _event: None


@dataclass(frozen=True)
class CandidateResult:
    """``prediction`` (samples, outputs) out of fold, NaN elsewhere; ``fits`` by fold, None where
    there is none; ``score`` over the open samples that it predicted."""

    name: str
    card: str
    settings: Settings
    prediction: Doubles
    fits: tuple[Finished | None, ...]
    complete: bool
    score: Score | None
    fold_scores: tuple[float | None, ...]
    cpu_seconds: float
    failure: str = ""

    @property
    def model(self) -> ModelCard:
        """The learner's card."""
        return MODELS.get(self.card)

    @property
    def stopped(self) -> int:
        """Folds whose fit the clock ended at the best round so far."""
        return sum(f is not None and f.stopped for f in self.fits)

    @property
    def rounds(self) -> list[int]:
        """Best rounds of each finished fold."""
        return [f.rounds for f in self.fits if f is not None]


@dataclass(frozen=True)
class SearchResult:
    """``results`` in the order of the candidates (those with a finished fit); ``usable`` are
    what may be chosen from: the complete ones, else the one with most folds; ``choice`` counts
    within ``usable`` (None: nothing finished); ``ended`` says why the search ended: "finished",
    "budget", "work", "interrupted"."""

    data: TrainingData
    orders: Orders
    results: tuple[CandidateResult, ...]
    usable: tuple[CandidateResult, ...]
    scored: Ints  # open samples that every usable candidate predicted
    choice: Choice | None
    ended: str
    fits: int
    cpu_seconds: float
    peak_memory: int
    apart: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # see ``apart``
    spare: tuple[CandidateResult, ...] = ()  # complete ones, where a better incomplete one stands

    def without(self, names: Collection[str], plan: Plan) -> SearchResult:
        """Where the chosen ones failed at the refit: the cheapest complete candidate of another
        name, else the cheapest of all, alone."""
        left = [r for r in (*self.usable, *self.spare) if r.complete and r.name not in names]
        cheapest = min(left or self.usable, key=lambda r: r.cpu_seconds)
        rows = np.flatnonzero(open_scored(plan, self.data.y) & ~np.isnan(cheapest.prediction[:, 0]))
        choice = Choice(((0, 1.0),), 1, "the only one that could be refitted in time", 0)
        return replace(self, usable=(cheapest,), scored=rows, choice=choice)

    @property
    def members(self) -> list[tuple[CandidateResult, float]]:
        """The chosen ones with their weights, heaviest first."""
        if self.choice is None:
            return []
        return [(self.usable[i], w) for i, w in self.choice.members]

    @property
    def predictions(self) -> list[Doubles]:
        """Out-of-fold predictions of the usable candidates, each (samples, outputs)."""
        return [r.prediction for r in self.usable]

    @property
    def blended(self) -> Doubles:
        """Out-of-fold prediction of the chosen ones, (samples, outputs)."""
        assert self.choice is not None
        return self.choice.blend(self.predictions)

    def recipe(self, view: str, fold: int = 0) -> Recipe | None:
        """The fitted recipe of a view on a fold, if it was kept."""
        made = read(self.data.folder.parent / "recipes" / recipe_key(self.data, view, fold))
        return None if made is None else made[0]

    def leaderboard(self) -> list[dict[str, Any]]:
        """Rows, best first: complete candidates and the chosen, then the others; no seconds
        (joints 18). What ``apart.told_apart`` found stands beside each complete one."""
        weight = {r.name: w for r, w in self.members}
        greater = self.data.task.greater_is_better
        ranked = sorted(
            (r for r in self.results if r.score is not None),
            key=lambda r: (
                not (r.complete or r.name in weight),
                -_value(r) if greater else _value(r),
            ),
        )
        return [
            {
                "rank": i,
                "name": r.name,
                "model": r.model.title,
                "family": r.model.family,
                "score": _value(r),
                "low": r.score.low if r.score else None,
                "high": r.score.high if r.score else None,
                "standard_error": r.score.standard_error if r.score else None,
                "folds": sum(f is not None for f in r.fits),
                "complete": r.complete,
                "stopped": r.stopped,
                "weight": weight.get(r.name, 0.0),
                **{k: self.apart.get(r.name, {}).get(k) for k in APART},
            }
            for i, r in enumerate(ranked, start=1)
        ]


def _value(result: CandidateResult) -> float:
    return result.score.value if result.score is not None else float("nan")


def leaderboard_frame(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """The leaderboard as a frame, with fixed types: equal rows give equal files."""
    import polars as pl

    types = {
        "rank": pl.Int64,
        "name": pl.String,
        "model": pl.String,
        "family": pl.String,
        "score": pl.Float64,
        "low": pl.Float64,
        "high": pl.Float64,
        "standard_error": pl.Float64,
        "folds": pl.Int64,
        "complete": pl.Boolean,
        "stopped": pl.Int64,
        "weight": pl.Float64,
        **dict.fromkeys(APART[:-1], pl.Float64),
        APART[-1]: pl.Boolean,
    }
    return pl.DataFrame([dict(row) for row in rows], schema=types)


def open_scored(plan: Plan, y: Doubles) -> Bools:
    """(samples,) whether a sample is open, has a target, and its class is scored."""
    scored = np.zeros(len(y), dtype=bool)
    scored[plan.open] = True
    scored[plan.unscored] = False
    return scored & ~np.isnan(y if y.ndim == 1 else y[:, 0])
