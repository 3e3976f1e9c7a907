"""Precision: the share of flagged samples that are positive.

theta = tp / (tp + fp); psi_i = (tp_i - theta flagged_i) / share flagged. Wilson's scale.
"""

from __future__ import annotations

from heldout.metrics.influence import flagged, is_positive, ratio
from heldout.metrics.score import Doubt, MetricCard, Truth
from heldout.stats.estimate import Estimate


def estimate(truth: Truth) -> Estimate:
    """0 where nothing is flagged."""
    flag = flagged(truth)
    right = flag & is_positive(truth)
    return ratio(right.astype(float), flag.astype(float), truth, "wilson", int(flag.sum()))


def doubt(truth: Truth) -> Doubt | None:
    """A share of nothing has no interval."""
    return None if flagged(truth).any() else Doubt("nothing is flagged", withhold=True)


CARD = MetricCard(
    name="precision",
    title="precision",
    forms=("binary", "multilabel"),
    needs="decision",
    greater_is_better=True,
    perfect=1.0,
    estimate=estimate,
    words="Precision: {value} of the samples that are flagged are positive.",
    told="Precision: the share of flagged rows that are {positive}.",
    source="Wilson 1927 (interval)",
    doubt=doubt,
)
