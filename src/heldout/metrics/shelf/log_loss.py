"""Log loss (cross-entropy): minus the mean log-probability given to what happened, in nats.

loss_i = -log(p_i[class of i]), with p clipped to [1e-15, 1] and rows brought to sum 1.
psi_i = loss_i - theta on the log scale.
"""

from __future__ import annotations

import numpy as np

from heldout.core.arrays import Doubles
from heldout.metrics.influence import codes, mean, rarest
from heldout.metrics.score import MetricCard, Truth
from heldout.stats.estimate import Estimate

SMALLEST = 1e-15


def losses(truth: Truth) -> Doubles:
    """Loss of each sample, (samples,), in nats."""
    p = truth.prediction
    given = np.take_along_axis(p, codes(truth)[:, None], axis=1)[:, 0]
    total = p.sum(axis=1)
    share = given / np.where(total > 0, total, 1.0)
    loss: Doubles = -np.log(np.clip(share, SMALLEST, 1.0))
    # 1 - p loses digits near 1: the other class's probability is exact there
    if p.shape[1] == 2:
        other = np.take_along_axis(p, 1 - codes(truth)[:, None], axis=1)[:, 0]
        near = (other < 0.5) & (np.abs(total - 1.0) < 1e-9)
        loss = np.where(near, -np.log1p(-np.minimum(other, 1 - SMALLEST)), loss)
    return np.maximum(loss, 0.0)


def estimate(truth: Truth) -> Estimate:
    """Two classes: t on n+ - 1 degrees; several: normal, as a mean over all samples."""
    two = truth.prediction.shape[1] == 2
    return mean(losses(truth), truth, "log", rarest(truth.y) if two else None)


CARD = MetricCard(
    name="log_loss",
    title="log loss",
    forms=("binary", "multiclass", "multilabel"),
    needs="probability",
    greater_is_better=False,
    perfect=0.0,
    estimate=estimate,
    words="Log loss: minus the average logarithm of the probability given to what really "
    "happened is {value}; 0 is perfect, and being sure and wrong costs most.",
    told="Log loss: minus the average logarithm of the probability given to the class that "
    "turned out right. 0 is perfect; being sure and wrong costs most.",
    source="Good 1952",
)
