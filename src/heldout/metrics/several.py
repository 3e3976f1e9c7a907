"""The score of several targets: the mean of each target's own, influence values likewise.

Labels: macro averages, as scikit-learn's ``average="macro"``. Numbers: errors are counted in
standard deviations of each target (``Question.scale``), else the target with the largest unit
would be all that counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.metrics.question import Question
from heldout.metrics.score import Doubt, MetricCard, Truth
from heldout.stats.estimate import Estimate

SHOWN = 3  # targets named in a doubt


def averaged(card: MetricCard, task: Question) -> MetricCard:
    """The metric of one target as that of all targets of ``task``; y and predictions (samples,
    targets)."""
    over = "labels" if task.is_multilabel else "targets, in standard deviations of each"
    return replace(
        card,
        title=f"{card.title}, mean over {len(task.parts)} {over}",
        forms=(task.kind,),
        estimate=partial(_estimate, card, task),
        doubt=None if card.doubt is None else partial(_doubt, card, task),
        unit_of_target=False,
    )


def two_columns(p: Doubles) -> Doubles:
    """Probabilities of positive classes (...,) as (..., 2): negative, positive.

    >>> two_columns(np.array([0.25])).tolist()
    [[0.75, 0.25]]
    """
    return np.stack([1 - p, p], axis=-1)


def of_part(task: Question, j: int, prediction: Doubles) -> Doubles:
    """What predictions (..., targets) say of target ``j``, in the form of its own task: (..., 2)
    probabilities or (..., 1) values."""
    if task.is_multilabel:
        return two_columns(prediction[..., j])
    return prediction[..., j : j + 1]


def decide_each(prediction: Doubles, thresholds: Sequence[float]) -> Array:
    """(samples, labels) 1 where the probability reaches the label's threshold."""
    return np.asarray(prediction >= np.asarray(thresholds, dtype=np.float64), dtype=np.int64)


def _part(task: Question, j: int, truth: Truth) -> Truth:
    """One target of the truth; numbers in their own standard deviations."""
    if task.is_multilabel:
        decision = None if truth.decision is None else truth.decision[:, j]
        told = two_columns(truth.prediction[:, j])
        return Truth(truth.y[:, j], told, decision, 1, truth.weights)
    scale = task.parts[j].scale
    told = truth.prediction[:, j : j + 1] / scale
    return Truth(truth.y[:, j] / scale, told, None, 1, truth.weights)


def _estimate(card: MetricCard, task: Question, truth: Truth) -> Estimate:
    return mean_of([card.estimate(_part(task, j, truth)) for j in range(len(task.parts))])


def mean_of(found: Sequence[Estimate]) -> Estimate:
    """The mean of estimates over the same samples; NaN where one of them is not defined."""
    rare = [e.positives for e in found if e.positives is not None]
    worse = [e.worse for e in found if e.worse is not None]
    return Estimate(
        float(np.mean([e.value for e in found])),
        np.mean([e.psi for e in found], axis=0),
        found[0].scale,
        min(rare) if rare else None,
        mean_of(worse) if len(worse) == len(found) else None,
    )


def _doubt(card: MetricCard, task: Question, truth: Truth) -> Doubt | None:
    """The doubts of all targets; one that withholds its interval withholds that of the mean."""
    assert card.doubt is not None
    found = [(p.target, card.doubt(_part(task, j, truth))) for j, p in enumerate(task.parts)]
    doubts = [(name, d) for name, d in found if d is not None]
    if not doubts:
        return None
    words = "; ".join(f"{name}: {d.words}" for name, d in doubts[:SHOWN])
    more = f"; and {len(doubts) - SHOWN} more" if len(doubts) > SHOWN else ""
    return Doubt(words + more, any(d.withhold for _, d in doubts))
