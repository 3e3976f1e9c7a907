"""Weighted absolute percentage error: the sum of absolute errors over the sum of the target.

theta = sum |e| / sum |y|; psi_i = (|e_i| - theta |y_i|) / mean |y|. Unlike the mean of
percentages it is not ruled by targets near 0.
"""

from __future__ import annotations

import numpy as np

from heldout.metrics.gates import absolute_tails
from heldout.metrics.influence import errors, ratio, undefined
from heldout.metrics.score import MetricCard, Truth
from heldout.stats.estimate import Estimate


def estimate(truth: Truth) -> Estimate:
    """NaN where the target is 0 throughout."""
    if not np.any(truth.y):
        return undefined(truth, "log")
    return ratio(np.abs(errors(truth)), np.abs(truth.y), truth, "log")


CARD = MetricCard(
    name="wape",
    title="weighted absolute percentage error",
    forms=("regression", "forecast"),
    needs="value",
    greater_is_better=False,
    perfect=0.0,
    estimate=estimate,
    words="Weighted absolute percentage error: the errors add up to a share of {value} of what "
    "was to be predicted.",
    source="Kolassa and Schuetz 2007",
    doubt=absolute_tails,
)
