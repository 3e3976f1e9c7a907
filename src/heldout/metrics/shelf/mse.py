"""Mean squared error, in squared units of the target.

loss_i = (prediction_i - y_i)^2; psi_i = loss_i - theta on the log scale.
"""

from __future__ import annotations

from heldout.metrics.gates import square_tails
from heldout.metrics.influence import errors, mean
from heldout.metrics.score import MetricCard, Truth
from heldout.stats.estimate import Estimate


def estimate(truth: Truth) -> Estimate:
    """Mean of the squared errors."""
    return mean(errors(truth) ** 2, truth, "log")


CARD = MetricCard(
    name="mse",
    title="mean squared error",
    forms=("regression", "forecast"),
    needs="value",
    greater_is_better=False,
    perfect=0.0,
    estimate=estimate,
    words="Mean squared error: {value}; large errors weigh most.",
    source="Gauss 1823",
    doubt=square_tails,
)
