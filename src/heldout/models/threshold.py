"""The probability from which a row is called positive (EVAL-18, X-012).

A half unless said otherwise: given, by the costs of a miss and of a false alarm, by how many
rows can be looked at, or where a metric of decisions is highest out of fold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.tasks.task import Task

NEAR = 0.005  # how far a threshold may be moved into a gap of scores
BY_METRIC = ("f1", "balanced_accuracy", "accuracy", "mcc")


@dataclass(frozen=True)
class Threshold:
    """``value`` (one, or one for each label) and where it comes from, in words; ``rule`` is default,
    given, cost, capacity or metric."""

    value: float | tuple[float, ...]
    rule: str
    reason: str


def choose(task: Task, y: Array, p: Doubles) -> Threshold | None:
    """The threshold to ship, from calibrated out-of-fold probabilities ``p`` (samples, 2) and
    class codes ``y``; None unless the task is binary. Several labels, ``p`` (samples, labels): by the
    same rule for each."""
    if task.is_multilabel:
        each = [
            _of_one(part, np.asarray(y)[:, j] == 1, p[:, j]) for j, part in enumerate(task.parts)
        ]
        reason = f"for each label: {each[0].reason}"
        return Threshold(tuple(e.value for e in each), each[0].rule, reason)
    if task.outputs != 2 or not task.is_classification:
        return None
    found = _of_one(task, np.asarray(y) == task.positive_code, p[:, task.positive_code])
    return Threshold(found.value, found.rule, found.reason)


@dataclass(frozen=True)
class _One:
    value: float
    rule: str
    reason: str


def _of_one(task: Task, positive: Array, score: Doubles) -> _One:
    """The threshold of one yes-or-no question, in a gap of its scores."""
    found = _rule(task, positive, score)
    return _One(in_gap(found.value, score), found.rule, found.reason)


def _rule(task: Task, positive: Array, score: Doubles) -> _One:
    if task.threshold is not None:
        return _One(float(task.threshold), "given", "as given")
    if task.cost:
        miss, alarm = task.cost["miss"], task.cost["alarm"]
        words = f"a miss costs {miss:g}, a false alarm {alarm:g}: alarm / (alarm + miss)"
        return _One(by_cost(miss, alarm), "cost", words)
    if task.capacity is not None:
        words = f"the {task.capacity:.3g} of rows with the highest scores"
        return _One(by_capacity(score, task.capacity), "capacity", words)
    if task.metric in BY_METRIC:
        words = f"where {task.metric} is highest out of fold (a little optimistic there)"
        return _One(by_metric(positive, score, task.metric), "metric", words)
    return _One(0.5, "default", "the more probable class")


def by_cost(miss: float, alarm: float) -> float:
    """Below this probability an alarm costs more than the misses it would save.

    >>> by_cost(miss=9, alarm=1)
    0.1
    """
    return alarm / (alarm + miss)


def by_capacity(score: Doubles, capacity: float) -> float:
    """The score that a share ``capacity`` (below 1) of the rows reaches; a number of rows of
    these samples, if it is 1 or more."""
    n = len(score)
    rows = capacity if capacity >= 1 else capacity * n
    k = int(np.clip(round(rows), 0, n))
    ordered = np.sort(score)[::-1]
    if k == 0:
        return float(np.nextafter(ordered[0], 2.0))
    return float(ordered[k - 1])


def by_metric(positive: Array, score: Doubles, metric: str) -> float:
    """The score at which the metric of "score >= t" is highest; among equals the nearest to a
    half."""
    order = np.argsort(-score, kind="stable")
    s, hit = score[order], positive[order].astype(np.float64)
    last = np.append(np.diff(s) < 0, True)  # a threshold takes all equal scores or none
    true, flagged = np.cumsum(hit)[last], np.cumsum(np.ones(len(hit)))[last]
    value = _metric(metric, true, flagged, float(hit.sum()), float(len(hit)))
    best = value >= value.max() - 1e-12
    candidates = s[last][best]
    return float(candidates[np.argmin(np.abs(candidates - 0.5))])


def _metric(metric: str, true: Doubles, flagged: Doubles, positives: float, n: float) -> Doubles:
    """From true positives and flagged rows at each threshold."""
    false = flagged - true
    negatives = n - positives
    if metric == "f1":
        return np.asarray(2 * true / (flagged + positives))
    if metric == "balanced_accuracy":
        return np.asarray((true / max(positives, 1) + 1 - false / max(negatives, 1)) / 2)
    if metric == "accuracy":
        return np.asarray((true + negatives - false) / n)
    right = true * (negatives - false) - false * (positives - true)
    below = flagged * positives * negatives * (n - flagged)
    return np.asarray(right / np.sqrt(np.maximum(below, 1e-300)))


def in_gap(t: float, score: Doubles) -> float:
    """The middle of the gap of scores around ``t``, at most ``NEAR`` away: no row then stands so
    near that another machine's last digit decides.

    >>> round(in_gap(0.5, np.array([0.1, 0.499, 0.5, 0.9])), 6)
    0.4995
    """
    below, above = score[score < t], score[score >= t]
    low = max(float(below.max()) if len(below) else 0.0, t - NEAR)
    high = min(float(above.min()) if len(above) else 1.0, t + NEAR)
    return low + (high - low) / 2
