"""Weighted absolute percentage error: the sum of absolute errors over the sum of the target.

theta = sum |e| / sum |y|; psi_i = (|e_i| - theta |y_i|) / mean |y|. Unlike the mean of
percentages it is not ruled by targets near 0.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from heldout.metrics.gates import absolute_tails
from heldout.metrics.influence import errors, undefined, weighted_ratio, weights, with_unseen
from heldout.metrics.score import MetricCard, Truth
from heldout.stats.estimate import Estimate
from heldout.stats.tails import unseen


def estimate(truth: Truth) -> Estimate:
    """NaN where the target is 0 throughout."""
    if not np.any(truth.y):
        return undefined(truth, "log")
    e, size, w = errors(truth), np.abs(truth.y), weights(truth)
    more, grown = with_unseen(np.abs(e), w, unseen(e))
    worse = weighted_ratio(more, np.append(size, np.mean(w * size)), grown, "log")
    return replace(weighted_ratio(np.abs(e), size, w, "log"), worse=worse)


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
