"""R2: the share of the target's variance that the predictions explain.

theta = 1 - S / V with S = mean e^2 and V = variance (ddof 0);
psi_i = -(e_i^2 - S) / V + (S / V^2) ((y_i - mean y)^2 - V); symmetric on log(1 - theta).
"""

from __future__ import annotations

import numpy as np

from heldout.metrics.gates import square_tails
from heldout.metrics.influence import errors, undefined, weights
from heldout.metrics.score import Doubt, MetricCard, Truth
from heldout.stats.estimate import Estimate


def estimate(truth: Truth) -> Estimate:
    """NaN where the target is constant."""
    w, squared = weights(truth), errors(truth) ** 2
    spread = (truth.y - float(np.mean(w * truth.y))) ** 2
    S, V = float(np.mean(w * squared)), float(np.mean(w * spread))
    if V == 0:
        return undefined(truth, "log1m")
    psi = w * (-(squared - S) / V + (S / V**2) * (spread - V))
    return Estimate(1 - S / V, psi, "log1m")


def doubt(truth: Truth) -> Doubt | None:
    """Constant targets have no R2; heavy tails no honest interval."""
    if len(truth.y) and float(np.ptp(truth.y)) == 0:
        return Doubt("the target is constant here: R2 is not defined", withhold=True)
    return square_tails(truth)


CARD = MetricCard(
    name="r2",
    title="R2",
    forms=("regression", "forecast"),
    needs="value",
    greater_is_better=True,
    perfect=1.0,
    estimate=estimate,
    words="R2: the predictions explain a share of {value} of the target's variance; always "
    "answering the mean gives 0.",
    source="Wright 1921",
    doubt=doubt,
)
