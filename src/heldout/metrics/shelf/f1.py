"""F1: the harmonic mean of precision and recall.

With A = 2 tp and B = 2 tp + fp + fn: theta = A / B, psi_i = (a_i - theta b_i) / mean(b).
Logit scale, t on n+ - 1 degrees; no interval below 20 flagged and 20 actual positives.
"""

from __future__ import annotations

import numpy as np

from heldout.metrics.gates import enough_flagged
from heldout.metrics.influence import flagged, is_positive, ratio
from heldout.metrics.score import MetricCard, Truth
from heldout.stats.estimate import Estimate


def estimate(truth: Truth) -> Estimate:
    """0 where no positive is found."""
    positive, flag = is_positive(truth), flagged(truth)
    right = np.where(positive & flag, 2.0, 0.0)
    n_plus = int(min(positive.sum(), (~positive).sum()))
    return ratio(right, positive.astype(float) + flag, truth, "logit", n_plus)


CARD = MetricCard(
    name="f1",
    title="F1",
    forms=("binary", "multilabel"),
    needs="decision",
    greater_is_better=True,
    perfect=1.0,
    estimate=estimate,
    words="F1: {value}, the harmonic mean of precision (flagged samples that are positive) and "
    "recall (positive samples that are flagged).",
    source="van Rijsbergen 1979",
    doubt=enough_flagged,
)
