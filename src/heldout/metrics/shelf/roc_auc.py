"""Area under the ROC curve: how often a positive sample is ranked above a negative one.

theta = P(score of a positive > score of a negative) + P(equal) / 2. Several classes: the mean
over classes of each one against the rest. Influence values: ``ranks.auc`` (DeLong et al. 1988).
"""

from __future__ import annotations

import numpy as np

from heldout.metrics.gates import both_classes
from heldout.metrics.influence import codes, undefined, weights
from heldout.metrics.ranks import auc
from heldout.metrics.score import MetricCard, Truth
from heldout.stats.estimate import Estimate


def estimate(truth: Truth) -> Estimate:
    """The area and its influence values, on the logit scale with t on n+ - 1 degrees."""
    y, w, classes = codes(truth), weights(truth), truth.prediction.shape[1]
    if classes == 2:
        only = auc(truth.prediction[:, truth.positive], y == truth.positive, w)
        return only if only is not None else undefined(truth, "logit")
    each = [auc(truth.prediction[:, k], y == k, w) for k in range(classes)]
    seen = [e for e in each if e is not None]
    if not seen:
        return undefined(truth, "logit")
    return Estimate(
        float(np.mean([e.value for e in seen])),
        np.mean([e.psi for e in seen], axis=0),
        "logit",
        min(e.positives or 0 for e in seen),
    )


CARD = MetricCard(
    name="roc_auc",
    title="ROC AUC",
    forms=("binary", "multiclass", "multilabel"),
    needs="probability",
    greater_is_better=True,
    perfect=1.0,
    estimate=estimate,
    words="ROC AUC: of one positive and one negative sample, the model ranks the positive higher "
    "with probability {value}. Chance gives 0.500.",
    told="ROC AUC: take one {positive} row and one {negative} row; this is how often the model "
    "ranks the {positive} higher. Chance gives 0.500.",
    source="Hanley and McNeil 1982; DeLong, DeLong and Clarke-Pearson 1988",
    doubt=both_classes,
)
