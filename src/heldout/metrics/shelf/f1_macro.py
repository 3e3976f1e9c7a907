"""Macro F1: F1 of each class against the rest, averaged over the classes that occur.

psi is the mean of the classes' own influence values (see ``f1``). A class counts when it occurs
in the truth or among the decisions, as in scikit-learn.
"""

from __future__ import annotations

import numpy as np

from heldout.metrics.influence import codes, decisions, rarest, ratio
from heldout.metrics.score import Doubt, MetricCard, Truth
from heldout.stats.estimate import Estimate

FEWEST = 20


def estimate(truth: Truth) -> Estimate:
    """On the logit scale with t on n+ - 1 degrees."""
    y, d = codes(truth), decisions(truth)
    each = []
    for k in np.union1d(y, d):
        is_k, says_k = y == k, d == k
        each.append(ratio(2.0 * (is_k & says_k), is_k.astype(float) + says_k, truth, "logit"))
    value = float(np.mean([e.value for e in each]))
    return Estimate(value, np.mean([e.psi for e in each], axis=0), "logit", rarest(y))


def doubt(truth: Truth) -> Doubt | None:
    """At least 20 decided and 20 actual samples of every class."""
    y, d = codes(truth), decisions(truth)
    few = sum(min(int((y == k).sum()), int((d == k).sum())) < FEWEST for k in np.union1d(y, d))
    if not few:
        return None
    return Doubt(f"{few} of the classes decided or seen fewer than 20 times", withhold=True)


CARD = MetricCard(
    name="f1_macro",
    title="macro F1",
    forms=("binary", "multiclass"),
    needs="decision",
    greater_is_better=True,
    perfect=1.0,
    estimate=estimate,
    words="Macro F1: {value}, the harmonic mean of precision and recall, averaged over classes.",
    source="Opitz and Burst 2019 (the mean of the classes' F1)",
    doubt=doubt,
)
