"""Values of a metric for many predictions at once, without their influence values.

The greedy choice asks for thousands of values; for the commonest metrics they are computed
directly (``tests/search`` holds them to the shelf), for all others through ``METRICS``. Values
are turned so that greater is better.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.metrics.scoring import make_truth, metric_for
from heldout.metrics.several import of_part
from heldout.metrics.shelf.log_loss import SMALLEST
from heldout.tasks.task import Task

Rows = Callable[[Doubles, Doubles], Doubles]


@dataclass(frozen=True)
class Judge:
    """``values(P)``: P (candidates, samples, outputs) to (candidates,), greater is better; NaN
    where the metric is not defined becomes minus infinity."""

    task: Task
    metric: str
    y: Doubles
    weights: Doubles | None = None

    def take(self, rows: Array) -> Judge:
        """The judge of these samples (positions, repeats allowed)."""
        weights = None if self.weights is None else self.weights[rows]
        return Judge(self.task, self.metric, self.y[rows], weights)

    def values(self, predictions: Doubles) -> Doubles:
        """One value for each candidate."""
        if self.task.parts:
            return self._mean_of_parts(predictions)
        quick = QUICK.get(self.metric)
        binary_area = self.metric == "roc_auc" and self.task.outputs == 2
        if self.weights is None and binary_area:
            yes = self.task.positive_code
            positive = self.y == yes
            made = np.array([area(p[positive, yes], p[~positive, yes]) for p in predictions])
        elif quick is not None:
            loss = quick(self.y, predictions)
            w = None if self.weights is None else self.weights / self.weights.mean()
            made = -np.mean(loss if w is None else loss * w, axis=1)
        else:
            made = np.array([self._slow(p) for p in predictions])
        return np.where(np.isnan(made), -np.inf, made)

    def _mean_of_parts(self, predictions: Doubles) -> Doubles:
        """The mean over targets, numbers in their standard deviations."""
        task = self.task
        made = np.zeros(len(predictions))
        for j, part in enumerate(task.parts):
            y, told = self.y[:, j], of_part(task, j, predictions)
            if not task.is_multilabel:
                y, told = y / part.scale, told / part.scale
            made += Judge(part, self.metric, y, self.weights).values(told) / len(task.parts)
        return made

    def _slow(self, prediction: Doubles) -> float:
        card = metric_for(self.metric, self.task)
        truth = make_truth(self.task, self.y, prediction, None, self.weights)
        value = card.estimate(truth).value
        return value if card.greater_is_better else -value


def area(above: Doubles, below: Doubles) -> float:
    """Area under the ROC curve from the scores of both classes; NaN where one is empty.

    >>> area(np.array([0.8, 0.4]), np.array([0.4, 0.1]))
    0.875
    """
    if not len(above) or not len(below):
        return float("nan")
    ranked, above = np.sort(below), np.sort(above)  # sorted questions are answered faster
    low = np.searchsorted(ranked, above, side="left")
    high = np.searchsorted(ranked, above, side="right")
    return float(low.sum() + high.sum()) / (2.0 * len(above) * len(below))


def log_losses(y: Doubles, predictions: Doubles) -> Doubles:
    """(candidates, samples) log losses."""
    codes = y.astype(np.int64)
    given = np.take_along_axis(predictions, codes[None, :, None], axis=2)[:, :, 0]
    total = predictions.sum(axis=2)
    share = given / np.where(total > 0, total, 1.0)
    return np.asarray(-np.log(np.clip(share, SMALLEST, 1.0)))


def absolute(y: Doubles, predictions: Doubles) -> Doubles:
    """(candidates, samples) absolute errors."""
    return np.abs(predictions[:, :, 0] - y)


def squared(y: Doubles, predictions: Doubles) -> Doubles:
    """(candidates, samples) squared errors: they rank as their root does."""
    return np.asarray((predictions[:, :, 0] - y) ** 2)


QUICK: dict[str, Rows] = {
    "log_loss": log_losses,
    "mae": absolute,
    "mse": squared,
}
