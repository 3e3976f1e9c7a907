"""Root mean squared error, in units of the target; large errors weigh most.

theta = sqrt(mean e^2); psi_i = (e_i^2 - theta^2) / (2 theta) on the log scale. The upper end
allows for one error larger than all that were seen.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from heldout.core.arrays import Doubles
from heldout.metrics.gates import square_tails
from heldout.metrics.influence import errors, weights, with_unseen
from heldout.metrics.score import MetricCard, Truth
from heldout.stats.estimate import Estimate
from heldout.stats.tails import unseen


def estimate(truth: Truth) -> Estimate:
    """Root of the mean squared error."""
    e, w = errors(truth), weights(truth)
    more, grown = with_unseen(e**2, w, unseen(e) ** 2)
    return replace(_root(e**2, w), worse=_root(more, grown))


def _root(squared: Doubles, w: Doubles) -> Estimate:
    theta = math.sqrt(float(np.mean(w * squared)))
    psi = w * (squared - theta**2) / (2 * theta) if theta > 0 else np.zeros(len(squared))
    return Estimate(theta, psi, "log")


CARD = MetricCard(
    name="rmse",
    title="root mean squared error",
    forms=("regression", "forecast", "vector_regression"),
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
