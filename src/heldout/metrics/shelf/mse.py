"""Mean squared error, in squared units of the target.

loss_i = (prediction_i - y_i)^2; psi_i = loss_i - theta on the log scale. The upper end
allows for one error larger than all that were seen.
"""

from __future__ import annotations

from dataclasses import replace

from heldout.metrics.gates import square_tails
from heldout.metrics.influence import errors, weighted_mean, weights, with_unseen
from heldout.metrics.score import MetricCard, Truth
from heldout.stats.estimate import Estimate
from heldout.stats.tails import unseen


def estimate(truth: Truth) -> Estimate:
    """Mean of the squared errors."""
    e, w = errors(truth), weights(truth)
    more, grown = with_unseen(e**2, w, unseen(e) ** 2)
    return replace(weighted_mean(e**2, w, "log"), worse=weighted_mean(more, grown, "log"))


CARD = MetricCard(
    name="mse",
    title="mean squared error",
    forms=("regression", "forecast", "vector_regression"),
    needs="value",
    greater_is_better=False,
    perfect=0.0,
    estimate=estimate,
    words="Mean squared error: {value}; large errors weigh most.",
    source="Gauss 1823",
    doubt=square_tails,
)
