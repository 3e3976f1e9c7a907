"""Fits of the capacity ladder: through the same pool and the same store as all others (joints 7).

A rung costs one fit, on the first fold, unless that has fewer than 1,000 validation rows: then up
to five folds are fitted. Validation rows are open rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from heldout.core.arrays import Array, Doubles, Ints
from heldout.core.clock import Deadline
from heldout.metrics.score import Score
from heldout.metrics.scoring import compare, score
from heldout.models.medians import MEDIAN_METRICS
from heldout.models.portfolio import Candidate
from heldout.search.data import TrainingData
from heldout.search.fits import Finished, Store
from heldout.search.orders import Orders
from heldout.search.pool import Pool
from heldout.search.rungs import Rung
from heldout.splits.plan import Fold
from heldout.tasks import null
from heldout.tasks.task import Task

TICK = 0.2  # seconds between two looks at the clock
MARGIN = 0.3  # seconds before the deadline at which fits are asked to end
ENOUGH_ROWS, MOST_FOLDS = 1_000, 5
NOTHING = 1e-3  # a weight of a network below this is as good as none


@dataclass(frozen=True, eq=False)
class Step:
    """A finished rung. ``training`` and ``validation`` are the loss on either side;
    ``capacity`` counts leaf values of all trees, or weights of a network; ``zeros`` is the share
    of them that are zero (of a network: below 0.001)."""

    rung: Rung
    training: float
    validation: Score
    prediction: Doubles
    rounds: int
    capacity: int
    zeros: float
    seconds: float
    splits: tuple[tuple[str, int], ...] = ()  # columns with how often trees split on them


def loss_of(task: Task) -> str:
    """The metric that is the loss in the task's own unit: what is trained on, without penalties."""
    if task.is_classification:
        return "log_loss"
    return "mae" if task.metric in MEDIAN_METRICS else "rmse"


@dataclass
class Climber:
    """Fits rungs on the first folds and holds them against each other. ``unit`` (samples,) codes
    of what intervals count by; fits end by ``deadline``."""

    pool: Pool
    data: TrainingData
    orders: Orders
    store: Store
    deadline: Deadline
    unit: Array | None = None
    most_folds: int = MOST_FOLDS
    fits: int = 0
    seconds: float = 0.0
    told: Callable[[Step], None] = lambda _step: None

    @cached_property
    def loss(self) -> str:
        """The name of the metric."""
        return loss_of(self.data.task)

    @cached_property
    def folds(self) -> range:
        """The first folds, until 1,000 rows validate or there are ``most_folds``."""
        rows, count = 0, 0
        for fold in [f for f in self.data.folds if f.repeat == 0][: self.most_folds]:
            rows, count = rows + len(fold.valid), count + 1
            if rows >= ENOUGH_ROWS:
                break
        return range(count)

    def fit(self, rungs: Sequence[Rung]) -> list[Step | None]:
        """Fit them at once; None where a fit failed or had no time."""
        found: dict[tuple[int, int], Finished | None] = {}
        waiting: dict[int, tuple[tuple[int, int], str]] = {}
        end = None if math.isinf(self.deadline.at) else self.deadline.at - MARGIN
        until = None if end is None else self.deadline.at
        for i, rung in enumerate(rungs):
            candidate = Candidate(rung.words, rung.card, rung.settings)
            columns = None if rung.columns is None else list(rung.columns)
            for fold in self.folds:
                message = self.orders.rung(candidate, fold, rung.rounds, self.loss, columns)
                found[i, fold] = self.store.get(message["key"])
                if found[i, fold] is None:
                    ticket = self.pool.submit({**message, "end": end}, until)
                    waiting[ticket] = (i, fold), message["key"]
        while waiting and not self.pool.stopping and self.deadline.left() > 0:
            for reply in self.pool.wait(TICK):
                place, key = waiting.pop(reply.ticket, (None, ""))
                if place is not None and reply.ok and not reply.value["stopped"]:
                    found[place] = self.store.get(key)
                    self.fits += 1
                    self.seconds += float(reply.value["cpu_seconds"])
        for ticket in waiting:
            self.pool.cancel(ticket)
        if waiting:
            self.pool.wait(0.0)
        made = [
            self._step(rung, [found[i, fold] for fold in self.folds])
            for i, rung in enumerate(rungs)
        ]
        for step in made:
            if step is not None:
                self.told(step)
        return made

    def gain(self, a: Doubles, b: Doubles, level: float = 0.95) -> Score:
        """By how much prediction ``a`` loses less than ``b`` on the validation rows, paired."""
        return compare(
            self.loss, self.data.task, self._y, a, b, groups=self._groups,
            weights=self._weights, level=level,
        )  # fmt: skip

    def clearly(self, a: Doubles, b: Doubles, level: float = 0.95) -> bool:
        """Whether ``a`` loses less than ``b`` beyond noise."""
        low = self.gain(a, b, level).low
        return low is not None and low > 0

    @cached_property
    def null(self) -> tuple[str, Doubles]:
        """The null model with the least loss, and its prediction."""
        made = []
        for name in self.data.task.card.null_models:
            parts = []
            for fold in self._parts:
                y = np.asarray(self.data.y[fold.training])
                parts.append(null.predict(name, self.data.task, y, len(fold.valid)))
            made.append((name, np.concatenate(parts)))
        return min(made, key=lambda m: self.score(m[1]).value)

    def score(self, prediction: Doubles) -> Score:
        """The loss on the validation rows with its interval."""
        return score(
            self.loss, self.data.task, self._y, prediction, groups=self._groups,
            weights=self._weights,
        )  # fmt: skip

    @property
    def _parts(self) -> Sequence[Fold]:
        return [self.data.folds[f] for f in self.folds]

    @cached_property
    def rows(self) -> Ints:
        """The validation rows, fold after fold."""
        return np.concatenate([fold.valid for fold in self._parts])

    @cached_property
    def _y(self) -> Doubles:
        return np.asarray(self.data.y[self.rows])

    @cached_property
    def _weights(self) -> Doubles | None:
        weights = self.data.weights
        return None if weights is None else np.asarray(weights[self.rows])

    @cached_property
    def _groups(self) -> Array | None:
        return None if self.unit is None else self.unit[self.rows]

    def _step(self, rung: Rung, fits: Sequence[Finished | None]) -> Step | None:
        done = [f for f in fits if f is not None and "training_loss" in f.meta]
        if len(done) < len(fits):
            return None
        prediction = np.concatenate([f.prediction for f in done])
        state = done[0].state() or {}
        values, near = _values(rung.card, state)
        return Step(
            rung,
            float(np.mean([f.meta["training_loss"] for f in done])),
            self.score(prediction),
            prediction,
            round(float(np.median([f.rounds for f in done]))),
            int(done[0].meta["numbers"].get("parameters", len(values))),
            float(np.mean(np.abs(values) <= near)) if len(values) else 0.0,
            float(sum(f.meta["wall_seconds"] for f in done)),
            _splits(rung.card, state, done[0].meta["origins"]),
        )


def _splits(
    card: str, state: dict[str, Array], origins: Sequence[str]
) -> tuple[tuple[str, int], ...]:
    """Columns by how often trees split on them, most often first; nothing for networks."""
    if card != "lightgbm" or "feature" not in state:
        return ()
    by_column: dict[str, int] = {}
    counts = np.bincount(state["feature"], minlength=len(origins))
    for column, count in zip(origins, counts.tolist(), strict=True):
        by_column[column] = by_column.get(column, 0) + count
    return tuple(sorted(by_column.items(), key=lambda c: (-c[1], c[0])))


def _values(card: str, state: dict[str, Array]) -> tuple[Array, float]:
    """The fitted values that a penalty shrinks, (values,), and from where on one is none."""
    if card == "lightgbm":
        return state.get("leaves", np.zeros(0)).reshape(-1), 0.0
    kernels = [v.reshape(-1) for n, v in state.items() if n.endswith(".kernel")]
    return (np.concatenate(kernels) if kernels else np.zeros(0)), NOTHING
