"""Root mean squared error, in units of the target; large errors weigh most.

theta = sqrt(mean e^2); psi_i = (e_i^2 - theta^2) / (2 theta) on the log scale.
"""

from __future__ import annotations

import math

import numpy as np

from heldout.metrics.gates import square_tails
from heldout.metrics.influence import errors, weights
from heldout.metrics.score import MetricCard, Truth
from heldout.stats.estimate import Estimate


def estimate(truth: Truth) -> Estimate:
    """Root of the mean squared error."""
    w, squared = weights(truth), errors(truth) ** 2
    theta = math.sqrt(float(np.mean(w * squared)))
    psi = w * (squared - theta**2) / (2 * theta) if theta > 0 else np.zeros(len(squared))
    return Estimate(theta, psi, "log")


CARD = MetricCard(
    name="rmse",
    title="root mean squared error",
    forms=("regression", "forecast"),
    needs="value",
    greater_is_better=False,
    perfect=0.0,
    estimate=estimate,
    words="Root mean squared error: an answer is off by {value}, large errors weighing most.",
    told="Root mean squared error: how far off an answer is, large errors weighing most.",
    source="Gauss 1823",
    unit_of_target=True,
    doubt=square_tails,
)
