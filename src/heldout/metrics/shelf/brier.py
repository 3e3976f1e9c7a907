"""Brier score: the mean squared distance between probability and what happened.

Two classes: (p - y)^2 of the positive class; several: summed over classes. psi_i = loss_i - theta.
"""

from __future__ import annotations

import numpy as np

from heldout.metrics.influence import codes, is_positive, mean, one_hot, rarest
from heldout.metrics.score import MetricCard, Truth
from heldout.stats.estimate import Estimate


def estimate(truth: Truth) -> Estimate:
    """On the log scale."""
    p = truth.prediction
    if p.shape[1] == 2:
        squared = (p[:, truth.positive] - is_positive(truth)) ** 2
        return mean(squared, truth, "log", rarest(truth.y))
    squared = np.sum((p - one_hot(codes(truth), p.shape[1])) ** 2, axis=1)
    return mean(squared, truth, "log")


CARD = MetricCard(
    name="brier",
    title="Brier score",
    forms=("binary", "multiclass", "multilabel"),
    needs="probability",
    greater_is_better=False,
    perfect=0.0,
    estimate=estimate,
    words="Brier score: the squared distance between probability and outcome is {value} on "
    "average; 0 is perfect.",
    source="Brier 1950",
)
