"""The score without a seal, corrected for having chosen (joints 11; BBC-CV, Tsamardinos 2018).

On each of 200 resamples of the units the choice is made again and scored on the units that were
not drawn; the mean loss against the choice made on everything is the optimism of choosing. For a
single one, and where candidates x samples is large, the best single one is chosen again, by
influence values.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from heldout.core.arrays import Array, Doubles, Ints
from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.metrics.score import Score
from heldout.metrics.scoring import make_truth, metric_for, score
from heldout.search.choose import Choice, cap, greedy
from heldout.search.values import Judge
from heldout.stats.estimate import Estimate
from heldout.stats.intervals import interval
from heldout.tasks.task import Task

RESAMPLES, FEWEST = 200, 20
MOST_CELLS = 30_000  # candidates x samples: beyond it the best single one is chosen again
ROUNDS = 12
# Of the gain that the gate judges without a seal. Measured on 200 shuffled targets, the best of
# ten: "signal" in 10 (1,000 rows) and 7 (3,000 rows) with the factor of the score alone.
GATE = 1.25


@dataclass(frozen=True)
class Corrected:
    """``score`` is the corrected one; ``naive`` what the chosen ones scored; ``correction`` is
    never in their favor; ``resamples`` how many were drawn."""

    score: Score
    naive: float
    correction: float
    resamples: int
    factor: float
    repeats: int

    def as_dict(self) -> dict[str, float | int | str | None]:
        """JSON-able."""
        return {
            **self.score.as_dict(),
            "naive": self.naive,
            "correction": self.correction,
            "resamples": self.resamples,
            "factor": self.factor,
            "repeats": self.repeats,
        }


def factor_of(n: int) -> float:
    """What the standard error of a cross-validated score is multiplied by: training parts
    overlap, and their luck shrinks no faster with n than that of the rows. Measured
    (``bench/coverage.py``): with 1.0 from 2,000 rows on, as was first done, 0.89 of intervals hold where
    learners fit another loss than the one that is scored (squares, judged by MAE).

    >>> factor_of(300), factor_of(1_000), factor_of(5_000)
    (1.2, 1.15, 1.15)
    """
    return 1.2 if n < 500 else 1.15


def correct(
    predictions: Sequence[Doubles],
    y: Doubles,
    task: Task,
    *,
    rows: Array,
    choice: Choice,
    repeats: Sequence[Doubles] = (),
    metric: str | None = None,
    threshold: float | None = None,
    groups: Array | None = None,
    weights: Doubles | None = None,
    seed: Seed | None = None,
    resamples: int = RESAMPLES,
    deadline: Deadline | None = None,
    factor: float | None = None,
) -> Corrected:
    """The corrected score of ``choice`` among ``predictions``, each (n, outputs) of repeat 0.

    ``rows`` are the open samples that are scored; ``repeats`` the finished (calibrated out of
    fold) predictions (n, outputs) of the chosen ones in every repeat, repeat 0 first (default:
    their plain blend), decided at ``threshold``. The value is the mean over repeats less the
    optimism of choosing, its standard error that of one repeat times ``factor`` (default:
    ``factor_of`` the number of units).
    """
    metric = metric or task.metric
    rows = np.flatnonzero(rows) if rows.dtype == bool else np.asarray(rows)
    finished = [p[rows] for p in repeats] or [choice.blend(predictions)[rows]]
    unit = None if groups is None else groups[rows]
    w = None if weights is None else weights[rows]
    if factor is None:
        factor = factor_of(len(rows) if unit is None else len(np.unique(unit)))
    scores = [
        score(
            metric,
            task,
            y[rows],
            p,
            threshold=threshold,
            groups=unit,
            factor=factor,
            weights=w,
            validated=True,
        )
        for p in finished
    ]
    naive = float(np.mean([s.value for s in scores]))
    greater = metric_for(metric, task).greater_is_better
    stack = np.stack([p[rows] for p in predictions])
    problem = _Problem(task, metric, y[rows], w, unit, stack, choice)
    lost, drawn = _optimism(problem, (seed or Seed()).child("correct"), resamples, deadline)
    shift = -lost if greater else lost
    value = naive + shift
    return Corrected(
        _moved(scores[0], value, unit, factor), naive, shift, drawn, factor, len(finished)
    )


@dataclass(frozen=True)
class _Problem:
    """Everything on the scored rows only."""

    task: Task
    metric: str
    y: Doubles
    weights: Doubles | None
    groups: Array | None
    stack: Doubles
    choice: Choice

    @property
    def judge(self) -> Judge:
        return Judge(self.task, self.metric, self.y, self.weights)


def _moved(first: Score, value: float, groups: Array | None, factor: float) -> Score:
    """The score of one repeat, its interval laid around another value."""
    if first.estimate is None or not math.isfinite(value):
        return first
    estimate = first.estimate.moved(_inside(value, first.estimate))
    found = interval(estimate, groups=groups, level=first.level, factor=factor)
    withheld = first.low is None
    return dataclasses.replace(
        first,
        value=estimate.value,
        low=None if withheld else found.low,
        high=None if withheld else found.high,
        standard_error=found.standard_error,
        estimate=estimate,
    )


def _inside(value: float, estimate: Estimate) -> float:
    """No correction leaves the range of the metric."""
    low = 0.0 if estimate.scale in ("logit", "wilson", "log") else -math.inf
    high = 1.0 if estimate.scale in ("logit", "wilson", "log1m") else math.inf
    return min(max(value, low), high)


def _optimism(
    problem: _Problem, seed: Seed, resamples: int, deadline: Deadline | None
) -> tuple[float, int]:
    """What choosing on the same rows flatters, greater is better; never below 0."""
    if len(problem.stack) < 2:
        return 0.0, 0
    draws = _Draws(problem.groups, len(problem.y), seed)
    few = problem.choice.is_ensemble and _cells(problem) <= MOST_CELLS
    again = functools.partial(_greedily, problem) if few else _singly(problem)
    losses = []
    for _ in range(resamples):
        inside, outside = draws.draw()
        if len(outside):
            gap = again(inside, outside)
            if math.isfinite(gap):
                losses.append(gap)
        if deadline is not None and deadline.passed and len(losses) >= FEWEST:
            break
    return (max(0.0, float(np.mean(losses))), len(losses)) if losses else (0.0, 0)


def _cells(problem: _Problem) -> int:
    """Candidates x samples, by the targets that each choice looks at."""
    return int(problem.stack[:, :, 0].size) * max(1, len(problem.task.parts))


class _Draws:
    """Bootstrap samples of units: (rows drawn, with repeats; rows of units not drawn)."""

    def __init__(self, groups: Array | None, n: int, seed: Seed) -> None:
        self._rng = seed.rng()
        self._rows = np.arange(n)
        codes = self._rows if groups is None else np.unique(groups, return_inverse=True)[1]
        self._unit: Ints = np.asarray(codes.reshape(-1), dtype=np.int64)
        self._units = int(self._unit.max()) + 1

    def draw(self) -> tuple[Ints, Ints]:
        units = self._rng.integers(0, self._units, self._units)
        times = np.bincount(units, minlength=self._units)[self._unit]
        return np.repeat(self._rows, times), np.flatnonzero(times == 0)


def _greedily(problem: _Problem, inside: Ints, outside: Ints) -> float:
    """Choose again on the drawn rows; the loss against the full choice, on the others."""
    judge = problem.judge
    judge_in, drawn = judge.take(inside), problem.stack[:, inside]
    alone = judge_in.values(drawn)
    order = np.sort(np.argsort(-alone, kind="stable")[: cap(len(inside))])
    shares = greedy(drawn[order], judge_in, ROUNDS)[0]
    members = [(int(order[i]), float(shares[i])) for i in np.flatnonzero(shares)]
    other = Choice(tuple(members), ROUNDS, "", int(np.argmax(alone)))
    held = problem.stack[:, outside]
    both = np.stack([problem.choice.blend(list(held)), other.blend(list(held))])
    mine, theirs = (float(v) for v in judge.take(outside).values(both))
    return mine - theirs if math.isfinite(mine) and math.isfinite(theirs) else math.nan


def _singly(problem: _Problem) -> Callable[[Ints, Ints], float]:
    """The same for a single one, by influence values: linear in the resample."""
    card = metric_for(problem.metric, problem.task)
    sign = 1.0 if card.greater_is_better else -1.0
    estimates = [
        card.estimate(make_truth(problem.task, problem.y, p, None, problem.weights))
        for p in problem.stack
    ]
    theta = sign * np.array([e.value for e in estimates])
    theta = np.where(np.isnan(theta), -np.inf, theta)
    psi = sign * np.stack([e.psi for e in estimates]).astype(np.float32)
    chosen = problem.choice
    best = int(np.argmax(theta)) if chosen.is_ensemble else chosen.members[0][0]

    def again(inside: Ints, outside: Ints) -> float:
        counts = np.bincount(inside, minlength=psi.shape[1]).astype(np.float32)
        other = int(np.argmax(theta + psi @ counts / len(inside)))
        if other == best:
            return 0.0
        gap = float(np.mean(psi[best, outside] - psi[other, outside], dtype=np.float64))
        return float(theta[best] - theta[other]) + gap

    return again
