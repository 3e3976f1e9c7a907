"""R2: the share of the target's variance that the predictions explain.

theta = 1 - S / V with S = mean e^2 and V = variance (ddof 0);
psi_i = -(e_i^2 - S) / V + (S / V^2) ((y_i - mean y)^2 - V); symmetric on log(1 - theta). The
lower end allows for one error larger than all that were seen.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from heldout.core.arrays import Doubles
from heldout.metrics.gates import square_tails
from heldout.metrics.influence import errors, undefined, weights, with_unseen
from heldout.metrics.score import Doubt, MetricCard, Truth
from heldout.stats.estimate import Estimate
from heldout.stats.tails import unseen


def estimate(truth: Truth) -> Estimate:
    """NaN where the target is constant."""
    w, e = weights(truth), errors(truth)
    spread = (truth.y - float(np.mean(w * truth.y))) ** 2
    usual = float(np.mean(w * spread))
    if usual == 0:
        return undefined(truth, "log1m")
    more, grown = with_unseen(e**2, w, unseen(e) ** 2)
    worse = _explained(more, np.append(spread, usual), grown)
    return replace(_explained(e**2, spread, w), worse=worse)


def _explained(squared: Doubles, spread: Doubles, w: Doubles) -> Estimate:
    S, V = float(np.mean(w * squared)), float(np.mean(w * spread))
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
    forms=("regression", "forecast", "vector_regression"),
    needs="value",
    greater_is_better=True,
    perfect=1.0,
    estimate=estimate,
    words="R2: the predictions explain a share of {value} of the target's variance; always "
    "answering the mean gives 0.",
    source="Wright 1921",
    doubt=doubt,
)
