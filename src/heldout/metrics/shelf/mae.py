"""Mean absolute error: how far off an answer is, on average, in units of the target.

loss_i = |prediction_i - y_i|; psi_i = loss_i - theta on the log scale. The upper end allows for
one error larger than all that were seen.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from heldout.metrics.gates import absolute_tails
from heldout.metrics.influence import errors, weighted_mean, weights, with_unseen
from heldout.metrics.score import MetricCard, Truth
from heldout.stats.estimate import Estimate
from heldout.stats.tails import unseen


def estimate(truth: Truth) -> Estimate:
    """Mean of the absolute errors."""
    e, w = errors(truth), weights(truth)
    more, grown = with_unseen(np.abs(e), w, unseen(e))
    worse = weighted_mean(more, grown, "log")
    return replace(weighted_mean(np.abs(e), w, "log"), worse=worse)


CARD = MetricCard(
    name="mae",
    title="mean absolute error",
    forms=("regression", "forecast", "vector_regression"),
    needs="value",
    greater_is_better=False,
    perfect=0.0,
    estimate=estimate,
    words="Mean absolute error: an answer is off by {value} on average.",
    told="Mean absolute error: how far off an answer is, on average.",
    source="Willmott and Matsuura 2005",
    unit_of_target=True,
    doubt=absolute_tails,
)
