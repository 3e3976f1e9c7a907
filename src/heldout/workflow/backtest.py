"""Rolling origins: every model predicts each stretch from what came before it, and is scored there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from heldout.core.arrays import Doubles
from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.metrics.score import Score
from heldout.metrics.scoring import score
from heldout.models.onestep import StepBlend, StepCandidate, StepModel, fit_step
from heldout.stats.estimate import Estimate
from heldout.stats.quantiles import student
from heldout.tasks.series import roll
from heldout.tasks.task import Task
from heldout.workflow.series import Series, histories, stretch, windows

LEVEL, BAND = 0.95, 0.9  # of the interval of the score; of the band around a forecast


@dataclass(frozen=True)
class Tested:
    """A forecaster over the open origins: ``predicted`` (origins, series, horizon)."""

    name: str
    predicted: Doubles
    values: Doubles  # (origins,) the metric of each stretch

    @property
    def value(self) -> float:
        """The mean over origins; every origin counts the same."""
        return float(np.mean(self.values))


@dataclass(frozen=True)
class Ground:
    """The series, the ranks at which the open origins lie, and what really came."""

    task: Task
    series: Sequence[Series]
    starts: tuple[int, ...]
    cut: int  # rank of the first sealed step
    horizon: int
    season: int

    @property
    def truth(self) -> Doubles:
        """(origins, series, horizon); NaN where a value is not known."""
        return np.stack([stretch(self.series, s, self.horizon)[0] for s in self.starts])


def metric_of(task: Task, y: Doubles, predicted: Doubles) -> float:
    """The task's metric over all known values."""
    known = np.isfinite(y)
    if not known.any():
        return math.nan
    return float(score(task.metric, task, y[known], predicted[known][:, None]).value)


def tested(name: str, predicted: Doubles, ground: Ground) -> Tested:
    """Score each stretch by itself."""
    values = [metric_of(ground.task, t, p) for t, p in zip(ground.truth, predicted, strict=True)]
    return Tested(name, predicted, np.array(values))


def nulls(ground: Ground) -> list[Tested]:
    """The last value and the last season, again and again."""
    lags = {"last_value": 1, **({"seasonal": ground.season} if ground.season > 1 else {})}
    return [
        tested(name, np.stack([repeat(ground, start, lag) for start in ground.starts]), ground)
        for name, lag in lags.items()
    ]


def repeat(ground: Ground, start: int, lag: int) -> Doubles:
    """A null model at one origin: (series, horizon)."""
    return roll(lambda w: w[:, -lag], histories(ground.series, start, lag), ground.horizon)


def backtest(
    found: Sequence[StepCandidate], ground: Ground, seed: Seed, deadline: Deadline
) -> list[Tested]:
    """Fit every candidate anew at every origin; returns the blend of all first, then each alone.

    A candidate that has too little history before some origin, or gives no finite answer, is left
    out everywhere; nothing is returned where none is left or the time is over.
    """
    fits = {c.name: _fits(c, ground, seed.child(c.name), deadline) for c in found}
    usable = {n: f for n, f in fits.items() if f is not None}
    if not usable:
        return []
    blends = [StepBlend(tuple(f[o] for f in usable.values())) for o in range(len(ground.starts))]
    made = [_rolled("blend", blends, ground)] if len(usable) > 1 else []
    for name, models in usable.items():
        made.append(_rolled(name, [StepBlend((m,)) for m in models], ground))
    return [t for t in made if np.isfinite(t.predicted).all()]


def _fits(
    candidate: StepCandidate, ground: Ground, seed: Seed, deadline: Deadline
) -> list[StepModel] | None:
    made = []
    for start in ground.starts:
        model = fitted(candidate, ground, start, seed.child(start), deadline)
        if model is None or deadline.passed:
            return None
        made.append(model)
    return made


def _rolled(name: str, models: Sequence[StepBlend], ground: Ground) -> Tested:
    predicted = [
        roll(model, histories(ground.series, start, model.depth), ground.horizon)
        for model, start in zip(models, ground.starts, strict=True)
    ]
    return tested(name, np.stack(predicted), ground)


def fitted(
    candidate: StepCandidate, ground: Ground, before: int, seed: Seed, deadline: Deadline
) -> StepModel | None:
    """The candidate on every window that ends before a rank."""
    window, following = windows(ground.series, before, candidate.depth)
    if not len(following):
        return None
    return fit_step(candidate, window, following, ground.task, seed, deadline)


def best(found: Sequence[Tested], task: Task) -> int:
    """The best mean over origins; among equals the first, which is the simplest."""
    values = np.array([t.value for t in found])
    return int(np.nanargmax(values if task.greater_is_better else -values))


def spread(task: Task, sealed: float, origins: Doubles, samples: int) -> Score:
    """The sealed value, with an interval that comes from how the earlier stretches differ: one
    stretch alone cannot tell how much luck is in it. On the log scale for errors."""
    usable = origins[np.isfinite(origins)]
    logs = bool((usable > 0).all() and sealed > 0 and not task.greater_is_better)
    scaled = np.log(usable) if logs else usable
    error = float(np.std(scaled, ddof=1)) if len(usable) > 1 else math.nan
    words = (
        f"one sealed stretch; the interval comes from {len(usable)} earlier ones, and is as wide "
        "as they differ"
    )
    if not math.isfinite(error):
        return Score(task.metric, sealed, None, None, samples, None, words)
    half = student(LEVEL, len(usable) - 1) * error
    low, high = (
        (sealed * math.exp(-half), sealed * math.exp(half))
        if logs
        else (sealed - half, sealed + half)
    )
    plain = error * sealed if logs else error
    return Score(task.metric, sealed, low, high, samples, plain, words)


def gain(task: Task, models: Doubles, null: Doubles) -> Score:
    """How much better than the null model, stretch by stretch, with Student's interval."""
    sign = 1.0 if task.greater_is_better else -1.0
    each = sign * (models - null)
    each = each[np.isfinite(each)]
    n, middle = len(each), float(np.mean(each))
    if n < 2:
        return Score(task.metric, middle, None, None, n)
    error = float(np.std(each, ddof=1)) / math.sqrt(n)
    half = student(LEVEL, n - 1) * error
    estimate = Estimate(middle, each - middle)
    return Score(task.metric, middle, middle - half, middle + half, n, error, estimate=estimate)


@dataclass(frozen=True)
class Band:
    """Half the width around a forecast at each step: of the value, or in units of the target."""

    how: str
    widths: tuple[float, ...]
    level: float


def band(found: Tested, ground: Ground, relative: bool) -> Band:
    """From the errors of the open origins: their mean size at each step (never shrinking with
    distance), times the quantile of all errors measured by it."""
    gaps = np.abs(ground.truth - found.predicted)
    if relative:
        with np.errstate(all="ignore"):
            gaps = gaps / np.abs(found.predicted)
    gaps = np.where(np.isfinite(gaps), gaps, np.nan)
    by_step = np.array([_mean(gaps[:, :, j]) for j in range(gaps.shape[2])])
    size = np.maximum.accumulate(by_step)
    pooled = (gaps / np.where(size > 0, size, 1.0)).ravel()
    pooled = np.sort(pooled[np.isfinite(pooled)])
    place = min(len(pooled), math.ceil((len(pooled) + 1) * BAND)) - 1
    factor = float(pooled[place]) if len(pooled) else 1.0
    how = "relative" if relative else "absolute"
    return Band(how, tuple(float(factor * s) for s in size), BAND)


def _mean(values: Doubles) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else 0.0
