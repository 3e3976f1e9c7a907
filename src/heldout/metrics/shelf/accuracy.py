"""Accuracy: the share of samples whose class was decided rightly.

psi_i = hit_i - theta; the interval is Wilson's (1927).
"""

from __future__ import annotations

from heldout.metrics.influence import codes, decisions, mean
from heldout.metrics.score import MetricCard, Truth
from heldout.stats.estimate import Estimate


def estimate(truth: Truth) -> Estimate:
    """Share of right decisions."""
    return mean((decisions(truth) == codes(truth)).astype(float), truth, "wilson")


CARD = MetricCard(
    name="accuracy",
    title="accuracy",
    forms=("binary", "multiclass", "multilabel"),
    needs="decision",
    greater_is_better=True,
    perfect=1.0,
    estimate=estimate,
    words="Accuracy: {value} of the samples are decided rightly. It says little where one class "
    "is common: compare it with always answering that one.",
    source="Wilson 1927 (interval)",
)
