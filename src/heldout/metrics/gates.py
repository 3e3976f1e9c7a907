"""Gates: when an interval would pretend to know what it cannot."""

from __future__ import annotations

import numpy as np

from heldout.metrics.influence import errors, flagged, is_positive
from heldout.metrics.score import Doubt, Truth
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
