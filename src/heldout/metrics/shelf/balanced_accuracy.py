"""Balanced accuracy: the share decided rightly, averaged over the classes.

theta = mean over classes k of the recall r_k; psi_i = (hit_i - r_k) 1[y_i = k] / (K pi_k).
Classes that do not occur are left out. Logit scale, t on n+ - 1 degrees.
"""

from __future__ import annotations

import numpy as np

from heldout.metrics.gates import both_classes
from heldout.metrics.influence import codes, decisions, rarest, weights
from heldout.metrics.score import MetricCard, Truth
from heldout.stats.estimate import Estimate


def estimate(truth: Truth) -> Estimate:
    """Mean recall over the classes present."""
    y, w = codes(truth), weights(truth)
    hit = (decisions(truth) == y).astype(float)
    present, place = np.unique(y, return_inverse=True)
    mass = np.bincount(place, w)
    recall = np.bincount(place, w * hit) / np.where(mass > 0, mass, 1.0)
    share = mass / len(y)
    psi = w * (hit - recall[place]) / (len(present) * np.where(share > 0, share, 1.0)[place])
    return Estimate(float(recall.mean()), psi, "logit", rarest(y))


CARD = MetricCard(
    name="balanced_accuracy",
    title="balanced accuracy",
    forms=("binary", "multiclass", "multilabel"),
    needs="decision",
    greater_is_better=True,
    perfect=1.0,
    estimate=estimate,
    words="Balanced accuracy: within a class, on average over the classes, {value} of the samples "
    "are decided rightly.",
    source="Brodersen et al. 2010",
    doubt=both_classes,
)
