"""Recall: the share of positive samples that are flagged.

theta = tp / (tp + fn); psi_i = (tp_i - theta positive_i) / share positive. Wilson's scale.
"""

from __future__ import annotations

from heldout.metrics.influence import flagged, is_positive, ratio
from heldout.metrics.score import Doubt, MetricCard, Truth
from heldout.stats.estimate import Estimate


def estimate(truth: Truth) -> Estimate:
    """0 where there are no positives."""
    positive = is_positive(truth)
    right = flagged(truth) & positive
    return ratio(right.astype(float), positive.astype(float), truth, "wilson", int(positive.sum()))


def doubt(truth: Truth) -> Doubt | None:
    """A share of nothing has no interval."""
    return None if is_positive(truth).any() else Doubt("there are no positives", withhold=True)


CARD = MetricCard(
    name="recall",
    title="recall",
    forms=("binary", "multilabel"),
    needs="decision",
    greater_is_better=True,
    perfect=1.0,
    estimate=estimate,
    words="Recall: {value} of the positive samples are flagged.",
    told="Recall: the share of the {positive} rows that are flagged.",
    source="Wilson 1927 (interval)",
    doubt=doubt,
)
