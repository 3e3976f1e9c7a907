"""Score, compare and decide: what every room calls; the metrics themselves are on the shelf."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from heldout.core.arrays import Array, Doubles, Ints
from heldout.core.errors import HeldoutError
from heldout.core.names import count
from heldout.metrics.gates import FEWEST_RARE, counts_flags, moved_by_training
from heldout.metrics.question import Question
from heldout.metrics.score import METRICS, Doubt, MetricCard, Score, Truth
from heldout.metrics.several import averaged, decide_each
from heldout.stats.estimate import Estimate, Interval
from heldout.stats.intervals import interval, paired

Cut = float | Sequence[float] | None
"""Where decisions are made: one threshold, or one for each label."""


def default_threshold(task: Question) -> float:
    """Where the positive class is decided: the task's own threshold, else by its costs, else 0.5.

    With calibrated probabilities the cheapest threshold is alarm / (miss + alarm): with a miss of
    9 and an alarm of 1, 0.1.
    """
    if task.threshold is not None:
        return task.threshold
    miss, alarm = task.cost.get("miss", 0.0), task.cost.get("alarm", 0.0)
    return alarm / (miss + alarm) if miss + alarm > 0 else 0.5


def decide(prediction: Doubles, task: Question, threshold: Cut = None) -> Ints | None:
    """Class codes (samples,) from probabilities (samples, classes); None for values.

    Two classes: the positive one from ``threshold`` on (p >= t). Several: the most probable,
    ties to the lowest code. Several labels: (samples, labels) of 0 and 1, each by its threshold.
    """
    if task.is_multilabel:
        return decide_each(prediction, thresholds_of(task, threshold))
    if not task.is_classification:
        return None
    if task.kind == "binary":
        at = _one(task, threshold)
        yes = task.positive_code
        return np.where(prediction[:, yes] >= at, yes, 1 - yes).astype(np.int64)
    return np.asarray(np.argmax(prediction, axis=1), dtype=np.int64)


def thresholds_of(task: Question, threshold: Cut = None) -> list[float]:
    """One threshold for each label: as given, else the label's own."""
    if threshold is None:
        return [default_threshold(part) for part in task.parts]
    if isinstance(threshold, (int, float)):
        return [float(threshold)] * len(task.parts)
    return [float(t) for t in threshold]


def _one(task: Question, threshold: Cut) -> float:
    if threshold is None:
        return default_threshold(task)
    if not isinstance(threshold, (int, float)):
        raise TypeError(f"{task.kind} has one threshold, not {len(threshold)}")
    return float(threshold)


def metric_for(name: str, task: Question) -> MetricCard:
    """The card of a metric that fits the task; raises H103 (unknown) or H105 (does not fit)."""
    card = METRICS.get(name)
    if task.kind in card.forms:
        return averaged(card, task) if task.parts else card
    fitting = [c.name for c in METRICS.all() if task.kind in c.forms]
    scored = " and ".join(card.forms)
    raise HeldoutError(
        "H105",
        f'the metric "{name}" does not fit a {task.kind} task',
        seen=f'"{task.target}" is a {task.kind} target; {name} scores {scored}',
        why="a metric that does not fit would give a number without meaning",
        do=[f"one of: {', '.join(fitting)}"],
    )


def make_truth(
    task: Question,
    y: Doubles,
    prediction: Doubles,
    threshold: Cut = None,
    weights: Doubles | None = None,
) -> Truth:
    """What a metric compares, with decisions made by the task's rule."""
    positive = task.positive_code if task.kind == "binary" else 1
    return Truth(y, prediction, decide(prediction, task, threshold), positive, weights)


def score(
    metric_name: str,
    task: Question,
    y: Doubles,
    prediction: Doubles,
    *,
    threshold: Cut = None,
    groups: Array | None = None,
    factor: float = 1.0,
    weights: Doubles | None = None,
    level: float = 0.95,
    validated: bool = False,
) -> Score:
    """One metric with its interval; samples without a target (NaN) are left out.

    ``groups`` (samples,) codes of the unit; ``factor`` widens the standard error; ``validated``:
    the predictions are out of fold, so that the interval is of the recipe, not of one model.
    Raises H103, H105; ValueError where there is no sample with a target.
    """
    card = metric_for(metric_name, task)
    y, (prediction,), groups, weights = _known(y, (prediction,), groups, weights)
    truth = make_truth(task, y, prediction, threshold, weights)
    estimate = card.estimate(truth)
    found = interval(estimate, groups=groups, level=level, factor=factor)
    told = _told(card, task, truth, estimate, found, level)
    if not validated or task.kind != "binary":
        return told
    return moved_by_training(told) if counts_flags(task, card, _one(task, threshold)) else told


def compare(
    metric_name: str,
    task: Question,
    y: Doubles,
    a: Doubles,
    b: Doubles,
    *,
    threshold: Cut = None,
    groups: Array | None = None,
    factor: float = 1.0,
    weights: Doubles | None = None,
    level: float = 0.95,
) -> Score:
    """The gain of prediction ``a`` over ``b`` with its paired interval; positive: a is better.

    The gain is told so that it can be decided on even where a score's own interval is withheld;
    the warning is the same.
    """
    card = metric_for(metric_name, task)
    y, (a, b), groups, weights = _known(y, (a, b), groups, weights)
    first = make_truth(task, y, a, threshold, weights)
    one = card.estimate(first)
    two = card.estimate(make_truth(task, y, b, threshold, weights))
    gain = paired(one, two) if card.greater_is_better else paired(two, one)
    found = interval(gain, groups=groups, level=level, factor=factor)
    return _told(card, task, first, gain, found, level)


def _known(
    y: Doubles, predictions: tuple[Doubles, ...], groups: Array | None, weights: Doubles | None
) -> tuple[Doubles, tuple[Doubles, ...], Array | None, Doubles | None]:
    """Only the samples whose target is known."""
    for p in predictions:
        if len(p) != len(y):
            raise ValueError(f"{len(y)} targets but {len(p)} predictions")
    known = ~np.isnan(y if y.ndim == 1 else y[:, 0])
    if not known.any():
        raise ValueError("no sample has a target: there is nothing to score")
    if known.all():
        return y, predictions, groups, weights
    return (
        y[known],
        tuple(p[known] for p in predictions),
        None if groups is None else np.asarray(groups)[known],
        None if weights is None else weights[known],
    )


def _told(
    card: MetricCard,
    task: Question,
    truth: Truth,
    estimate: Estimate,
    found: Interval,
    level: float,
) -> Score:
    """Put the gate's words and the interval together."""
    doubt: Doubt | None = card.doubt(truth) if card.doubt else None
    words = [w for w in (found.warning, doubt.words if doubt else "") if w]
    few = _few(task, truth.y, estimate)
    if few:
        words.append(few)
    withheld = doubt is not None and doubt.withhold
    return Score(
        metric=card.name,
        value=estimate.value,
        low=None if withheld else found.low,
        high=None if withheld else found.high,
        samples=len(truth.y),
        standard_error=found.standard_error if math.isfinite(estimate.value) else None,
        warning="; ".join(words),
        estimate=estimate,
        level=level,
    )


def _few(task: Question, y: Doubles, estimate: Estimate) -> str:
    """Words where the rarest class (or the table) is too small to trust the interval."""
    if task.is_multilabel:
        return _few_of_label(task, y, estimate)
    if not task.is_classification:
        if len(y) >= FEWEST_RARE:
            return ""
        return f"only {count(len(y))} samples: too few to trust the interval"
    if estimate.positives is None or estimate.positives >= FEWEST_RARE:
        return ""
    counts = np.bincount(y.astype(np.int64), minlength=len(task.classes))
    counts = np.where(counts == 0, len(y) + 1, counts)
    k = int(np.argmin(counts))
    if counts[k] >= FEWEST_RARE:
        return ""
    return (
        f"only {count(int(counts[k]))} samples of {task.classes[k]}: too few to trust the interval"
    )


def _few_of_label(task: Question, y: Doubles, estimate: Estimate) -> str:
    if estimate.positives is None or estimate.positives >= FEWEST_RARE:
        return ""
    ones = y.sum(axis=0)
    each = np.minimum(ones, len(y) - ones)
    j = int(np.argmin(each))
    part = task.parts[j]
    which = part.positive if ones[j] <= len(y) / 2 else part.classes[0]
    return (
        f"only {count(int(each[j]))} samples of {part.target} = {which}: too few to trust the "
        "interval"
    )


def operating_point(
    task: Question, y: Doubles, prediction: Doubles, threshold: float | None = None
) -> dict[str, Any]:
    """What a binary model does in use; see ``confusion.operating_point``."""
    from heldout.metrics.confusion import operating_point as found

    return found(task, y, prediction, threshold)
