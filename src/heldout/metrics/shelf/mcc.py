"""Matthews' correlation coefficient: the correlation of decision and truth, -1 to 1.

With shares t_k of the truth and p_k of the decisions: A = P(hit) - sum t_k p_k,
B = 1 - sum p_k^2, C = 1 - sum t_k^2, theta = A / sqrt(B C). psi by the delta method on A, B, C.
"""

from __future__ import annotations

import math

import numpy as np

from heldout.metrics.gates import both_classes
from heldout.metrics.influence import codes, decisions, one_hot, rarest, weights
from heldout.metrics.score import MetricCard, Truth
from heldout.stats.estimate import Estimate


def estimate(truth: Truth) -> Estimate:
    """0 where decisions or truth are constant, as in scikit-learn; atanh scale."""
    y, d, w = codes(truth), decisions(truth), weights(truth)
    classes = int(max(y.max(), d.max())) + 1
    is_k, says_k = one_hot(y, classes), one_hot(d, classes)
    n = len(y)
    t, p = w @ is_k / n, w @ says_k / n
    hit = (y == d).astype(float)
    A, B, C = float(w @ hit) / n - float(t @ p), 1 - float(p @ p), 1 - float(t @ t)
    if min(B, C) <= 1e-12:
        return Estimate(0.0, np.zeros(n), "atanh", rarest(y))
    theta = A / math.sqrt(B * C)
    in_a = hit - float(w @ hit) / n - is_k @ p - says_k @ t + 2 * float(t @ p)
    in_b = -2 * (says_k @ p - float(p @ p))
    in_c = -2 * (is_k @ t - float(t @ t))
    psi = w * (in_a / math.sqrt(B * C) - theta * (in_b / (2 * B) + in_c / (2 * C)))
    return Estimate(max(-1.0, min(1.0, theta)), psi, "atanh", rarest(y))


CARD = MetricCard(
    name="mcc",
    title="Matthews correlation",
    forms=("binary", "multiclass"),
    needs="decision",
    greater_is_better=True,
    perfect=1.0,
    estimate=estimate,
    words="Matthews correlation: decision and truth correlate with {value}; 0 is chance.",
    source="Matthews 1975; Gorodkin 2004",
    doubt=both_classes,
)
