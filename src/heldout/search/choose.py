"""Who is in the ensemble, and with which weight (ENSEMBLE-01, ENSEMBLE-02, REG-12).

Greedy selection with replacement on out-of-fold predictions (Caruana et al. 2004): the best
prefix is kept, ties go to members already in, then to the first in order. The ensemble stays
only if it beats its best member by more than the noise of that difference; else the simplest
candidate within noise of the best one is taken.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from heldout.core.arrays import Array, Doubles, Ints
from heldout.core.seed import Seed
from heldout.metrics.score import Score
from heldout.metrics.scoring import compare
from heldout.models.blend import blend
from heldout.search.values import Judge
from heldout.tasks.task import Task

ROUNDS, PATIENCE = 30, 8
TIE = 1e-12  # relative
MOST_ROWS = 50_000  # more rows do not choose better
SMALL, BAGS = 1_000, 20  # below so many rows the weights of bootstrap choices are averaged
LEAST_WEIGHT = 0.04


@dataclass(frozen=True)
class Choice:
    """``members`` are (position, weight), weights sum to 1, heaviest first; ``gain`` of the
    ensemble over its best member, paired; ``best`` that member's position; ``correlation``
    (members, members) of their errors."""

    members: tuple[tuple[int, float], ...]
    rounds: int
    reason: str
    best: int
    gain: Score | None = None
    correlation: Doubles | None = None

    @property
    def is_ensemble(self) -> bool:
        """Whether there are several members."""
        return len(self.members) > 1

    def blend(self, predictions: Sequence[Doubles]) -> Doubles:
        """The weighted mean of the members' predictions."""
        parts = [predictions[i] for i, _ in self.members]
        return blend(parts, [w for _, w in self.members])


def choose(
    predictions: Sequence[Doubles],
    y: Doubles,
    samples: Array,
    task: Task,
    *,
    metric: str | None = None,
    simplicity: Sequence[float] | None = None,
    groups: Array | None = None,
    weights: Doubles | None = None,
    seed: Seed | None = None,
    light: bool = False,
) -> Choice:
    """Choose among out-of-fold predictions, each (n, outputs), on ``samples`` (mask or numbers,
    repeats allowed).

    ``simplicity`` ranks the candidates, smallest first (default: their order); ``groups`` (n,)
    codes of the unit; ``light`` leaves out the averaging over bootstrap choices.
    """
    metric = metric or task.metric
    rows = np.flatnonzero(samples) if samples.dtype == bool else np.asarray(samples)
    most = MOST_ROWS // max(1, len(task.parts))
    if len(rows) > most:
        rng = (seed or Seed()).child("choose").rng()
        rows = np.sort(rng.choice(rows, most, replace=False))
    judge = Judge(task, metric, y[rows], None if weights is None else weights[rows])
    stack = np.stack([p[rows] for p in predictions])
    alone = judge.values(stack)
    library = _library(alone, len(rows))
    best = int(library[0])
    order = np.sort(library)
    found, rounds = greedy(stack[order], judge)
    if len(rows) < SMALL and not light and len(order) > 1:
        found = _averaged(stack[order], judge, (seed or Seed()).child("choose"))
    found = _without_crumbs(found)
    members = [(int(order[i]), float(found[i])) for i in np.flatnonzero(found)]
    unit = None if groups is None else groups[rows]
    noise = _Noise(task, metric, judge, stack, unit)
    return _kept(members, rounds, best, alone, simplicity, noise)


def greedy(stack: Doubles, judge: Judge, rounds: int = ROUNDS) -> tuple[Doubles, int]:
    """Weights (candidates,) of the best prefix, and its length; ``stack`` (candidates, n, outputs)."""
    counts = np.zeros(len(stack), dtype=np.int64)
    total = np.zeros(stack.shape[1:])
    best_value, best_counts, best_length = -math.inf, counts.copy(), 0
    for length in range(1, rounds + 1):
        values = judge.values((stack + total) / length)
        at = _first(values, counts)
        total = total + stack[at]
        counts[at] += 1
        if _beats(float(values[at]), best_value):
            best_value, best_counts, best_length = float(values[at]), counts.copy(), length
        if length - best_length >= PATIENCE:
            break
    if best_length == 0:  # the metric is not defined on these samples
        best_counts, best_length = np.eye(1, len(stack), dtype=np.int64)[0], 1
    return best_counts / best_counts.sum(), best_length


def cap(rows: int) -> int:
    """How many candidates may be chosen from: many overfit few rows.

    >>> cap(50), cap(300), cap(2_000), cap(9_000), cap(1_000_000)
    (4, 8, 15, 40, 100)
    """
    for most, candidates in ((100, 4), (500, 8), (2_500, 15), (10_000, 40)):
        if rows <= most:
            return candidates
    return 100


def error_correlation(
    predictions: Sequence[Doubles], y: Doubles, samples: Array, task: Task
) -> Doubles:
    """Correlation (candidates, candidates) of the errors of predictions: prediction minus truth,
    over all outputs."""
    if task.parts:
        truth = y[samples]
    elif task.is_classification:
        truth = np.eye(task.outputs)[y[samples].astype(np.int64)]
    else:
        truth = y[samples, None]
    scale = np.array([part.scale for part in task.parts]) if task.parts else 1.0
    errors = [((p[samples] - truth) / scale).ravel() for p in predictions]
    return np.atleast_2d(correlation(np.stack(errors)))


def correlation(rows: Doubles) -> Doubles:
    """Pearson's correlation between rows; 0 with a constant one.

    >>> correlation(np.array([[1.0, 2.0], [2.0, 4.0], [1.0, 1.0]])).round(12).tolist()
    [[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    centered = rows - rows.mean(axis=1, keepdims=True)
    norms = np.sqrt((centered**2).sum(axis=1))
    scaled = centered / np.where(norms > 0, norms, 1.0)[:, None]
    made = np.clip(scaled @ scaled.T, -1.0, 1.0)
    np.fill_diagonal(made, 1.0)
    return np.asarray(made)


def _first(values: Doubles, counts: Ints) -> int:
    """The best; among equals one that is in already, then the first in order."""
    top = float(values.max())
    if not math.isfinite(top):
        return 0
    equal = np.flatnonzero(values >= top - TIE * max(1.0, abs(top)))
    inside = equal[counts[equal] > 0]
    return int(inside[0] if len(inside) else equal[0])


def _beats(value: float, best: float) -> bool:
    return value > best + TIE * max(1.0, abs(best)) if math.isfinite(best) else value > best


def _library(alone: Doubles, rows: int) -> Ints:
    """The best candidates, best first, as many as the rows bear."""
    order = np.argsort(-alone, kind="stable")
    return np.asarray(order[: cap(rows)], dtype=np.int64)


def _averaged(stack: Doubles, judge: Judge, seed: Seed) -> Doubles:
    """Mean weights of the choices on bootstrap samples: steadier on few rows."""
    n = stack.shape[1]
    total = np.zeros(len(stack))
    for bag in range(BAGS):
        drawn = np.asarray(seed.child(bag).rng().integers(0, n, n))
        total += greedy(stack[:, drawn], judge.take(drawn), rounds=12)[0]
    return total / BAGS


def _without_crumbs(weights: Doubles) -> Doubles:
    """A member costs size and time in every answer: the smallest weights are dropped."""
    kept = np.where(weights >= min(LEAST_WEIGHT, float(weights.max())), weights, 0.0)
    return np.asarray(kept / kept.sum())


@dataclass(frozen=True)
class _Noise:
    """Paired comparisons on the samples of the choice."""

    task: Task
    metric: str
    judge: Judge
    stack: Doubles
    groups: Array | None

    def gain(self, a: Doubles, b: Doubles) -> Score:
        return compare(
            self.metric,
            self.task,
            self.judge.y,
            a,
            b,
            groups=self.groups,
            weights=self.judge.weights,
        )


def _kept(
    members: list[tuple[int, float]],
    rounds: int,
    best: int,
    alone: Doubles,
    simplicity: Sequence[float] | None,
    noise: _Noise,
) -> Choice:
    """The ensemble if it beats its best member beyond noise, else the simplest within noise."""
    gain = None
    if len(members) > 1:
        mixed = blend([noise.stack[i] for i, _ in members], [w for _, w in members])
        gain = noise.gain(mixed, noise.stack[best])
        if gain.value > (gain.standard_error or 0.0):
            ordered = sorted(members, key=lambda m: (-m[1], m[0]))
            every = np.arange(noise.stack.shape[1])
            parts = [noise.stack[i] for i, _ in ordered]
            alike = error_correlation(parts, noise.judge.y, every, noise.task)
            return Choice(
                tuple(ordered), rounds, "beats its best member beyond noise", best, gain, alike
            )
    ranks = range(len(alone)) if simplicity is None else simplicity
    order = sorted(range(len(alone)), key=lambda i: (ranks[i], -alone[i], i))
    for i in order:
        if i == best:
            return Choice(((best, 1.0),), 1, "no ensemble beats it beyond noise", best, gain)
        lost = noise.gain(noise.stack[best], noise.stack[i])
        if math.isfinite(alone[i]) and lost.value <= (lost.standard_error or 0.0):
            words = "the simplest within noise of the best"
            return Choice(((i, 1.0),), 1, words, best, gain)
    raise AssertionError("the best is one of them")
