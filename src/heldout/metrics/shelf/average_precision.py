"""Average precision: the mean, over the positive samples, of the precision at their score.

The area under the steps of the precision-recall curve; chance gives the share of positives.
Influence values: ``ranks.average_precision``.
"""

from __future__ import annotations

from heldout.metrics.gates import both_classes
from heldout.metrics.influence import is_positive, undefined, weights
from heldout.metrics.ranks import average_precision
from heldout.metrics.score import MetricCard, Truth
from heldout.stats.estimate import Estimate


def estimate(truth: Truth) -> Estimate:
    """On the logit scale with t on n+ - 1 degrees."""
    positive = is_positive(truth)
    found = average_precision(truth.prediction[:, truth.positive], positive, weights(truth))
    return found if found is not None else undefined(truth, "logit")


CARD = MetricCard(
    name="average_precision",
    title="average precision",
    forms=("binary", "multilabel"),
    needs="probability",
    greater_is_better=True,
    perfect=1.0,
    estimate=estimate,
    words="Average precision: working down from the most likely sample, the share of positives "
    "among those flagged, averaged over the positives, is {value}.",
    told="Average precision: working down the list from the most likely {positive} row, the share "
    "of {positive} rows so far, averaged over them. Chance gives their share.",
    source="Boyd, Eng and Page 2013; scikit-learn's step-wise definition",
    doubt=both_classes,
)
