"""Gates: when an interval would pretend to know what it cannot."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from heldout.metrics.influence import errors, flagged, is_positive
from heldout.metrics.question import Question
from heldout.metrics.score import Doubt, MetricCard, Score, Truth
from heldout.stats.tails import heavy_tailed

FEWEST_FLAGGED = 20
FEWEST_RARE = 30


def enough_flagged(truth: Truth) -> Doubt | None:
    """At least 20 predicted and 20 actual positives: below that F1's interval covers 26 to 65 %."""
    predicted, actual = int(flagged(truth).sum()), int(is_positive(truth).sum())
    if predicted >= FEWEST_FLAGGED and actual >= FEWEST_FLAGGED:
        return None
    return Doubt(
        f"{predicted} flagged and {actual} actual positives: no interval below 20 of each",
        withhold=True,
    )


def square_tails(truth: Truth) -> Doubt | None:
    """Mean squares need a fourth moment of the errors."""
    if not heavy_tailed(errors(truth), 4.0):
        return None
    return Doubt(
        "a few very large errors rule this number: its interval allows for one larger still, and "
        "may be too narrow all the same; see mae"
    )


def absolute_tails(truth: Truth) -> Doubt | None:
    """Mean absolute errors need a second moment."""
    if not heavy_tailed(errors(truth), 2.0):
        return None
    return Doubt(
        "a few very large errors rule this number: its interval allows for one larger still"
    )


def both_classes(truth: Truth) -> Doubt | None:
    """A ranking needs two classes."""
    if len(np.unique(truth.y)) > 1:
        return None
    return Doubt("all of these samples are of one class: the metric is not defined", withhold=True)


def counts_flags(task: Question, card: MetricCard, threshold: float) -> bool:
    """Whether training moves the metric at first order: accuracy away from probability 0.5.

    There accuracy rises with every sample that is not flagged, so it follows the share of
    positives in the training part. Measured by cross-validation at a threshold of 0.09: 66 to
    81 % of nominal 95 % intervals hold the average accuracy of the recipe. On sealed samples the
    model is one, and the interval holds.
    """
    return card.name == "accuracy" and task.kind == "binary" and abs(threshold - 0.5) > 0.05


def moved_by_training(score: Score) -> Score:
    """The same without an interval, and why."""
    words = "away from a threshold of 0.5 the accuracy of a recipe moves with its training rows"
    warning = "; ".join(w for w in (score.warning, f"{words}: no interval without a seal") if w)
    return replace(score, low=None, high=None, warning=warning)
