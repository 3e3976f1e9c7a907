"""Does the sealed score agree with the cross-validated one? If it is worse, why (EVAL-14)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from heldout.metrics.score import METRICS, Score

BEYOND = 1.959963984540054

TWO_CAUSES = (
    "Two causes are usual: the folds were easier than new data (rows of one entity, copies or "
    "later times on both sides), or so many candidates were compared on the same folds that the "
    "best one fitted them by chance."
)


@dataclass(frozen=True)
class Agreement:
    """``z`` is the sealed score minus the cross-validated one in standard errors, positive where
    the sealed one is better; None where one of them has none."""

    z: float | None
    worse: bool
    words: str


def agreement(sealed: Score, validated: Score) -> Agreement:
    """Compare scores of the same metric on different samples.

    Their standard errors add in squares, since no sample is in both.
    """
    if sealed.metric != validated.metric:
        raise ValueError(f"{sealed.metric} and {validated.metric} cannot be compared")
    errors = (sealed.standard_error, validated.standard_error)
    if errors[0] is None or errors[1] is None or not math.isfinite(sealed.value):
        return Agreement(None, False, "the two cannot be compared: one has no standard error")
    spread = math.hypot(errors[0], errors[1])
    gain = sealed.value - validated.value
    if not METRICS.get(sealed.metric).greater_is_better:
        gain = -gain
    if spread == 0:
        return Agreement(None, False, "the two cannot be compared: neither varies")
    z = gain / spread
    if z < -BEYOND:
        return Agreement(z, True, f"worse than cross-validated beyond chance. {TWO_CAUSES}")
    if z > BEYOND:
        return Agreement(z, False, "better than cross-validated beyond chance")
    return Agreement(z, False, "agrees with the cross-validated score within chance")
