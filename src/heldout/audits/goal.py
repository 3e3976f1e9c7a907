"""The target as audits score it: log loss of classes, squared error on normal scores of numbers.

Normal scores make the skill robust to heavy tails and blind to monotone changes of the target.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from heldout.audits.finding import Look
from heldout.audits.once import once
from heldout.core.arrays import Array, Doubles, Ints

LEAST = 1e-9  # of a probability


@dataclass(frozen=True)
class Goal:
    """``y`` (rows,) class codes or normal scores; ``classes`` 0 for numbers; ``prior`` (rows,)
    out-of-fold losses of the answer that knows no column; ``rows`` those that are validated."""

    y: Doubles
    classes: int
    prior: Doubles
    rows: Ints

    def loss(self, prediction: Array, rows: Ints) -> Doubles:
        """Losses of predictions (rows, classes) or (rows, 1) for these rows."""
        y = self.y[rows]
        if not self.classes:
            return np.asarray((y - prediction[:, 0]) ** 2, dtype=np.float64)
        p = prediction[np.arange(len(rows)), y.astype(np.int64)]
        return np.asarray(-np.log(np.clip(p, LEAST, 1.0)), dtype=np.float64)

    def skill(self, losses: Doubles) -> float:
        """1 - loss / loss of the prior, over the validated rows."""
        base = float(self.prior[self.rows].mean())
        return 1.0 - float(losses[self.rows].mean()) / base if base > 0 else 0.0

    def z(self, worse: Doubles, better: Doubles) -> float:
        """How many standard errors the loss falls from ``worse`` to ``better``, paired."""
        gain = (worse - better)[self.rows]
        spread = float(gain.std())
        if spread == 0:
            return float("inf") if gain.mean() > 0 else 0.0
        return float(gain.mean() / (spread / np.sqrt(len(gain))))


def normal_scores(values: Array) -> Doubles:
    """Ranks through the normal quantile function; ties share their mean rank, NaN stays.

    >>> np.round(normal_scores(np.array([10.0, 30.0, 20.0])), 3).tolist()
    [-0.967, 0.967, 0.0]
    """
    from scipy.special import ndtri

    known = ~np.isnan(values)
    scores = np.full(len(values), np.nan)
    _, place, counts = np.unique(values[known], return_inverse=True, return_counts=True)
    mean_rank = np.cumsum(counts) - (counts - 1) / 2
    scores[known] = ndtri((mean_rank[place] - 0.5) / max(1, int(known.sum())))
    return scores


def bare(look: Look) -> Look:
    """The look with one fold, where only the goal is wanted."""
    rows = np.arange(look.table.rows, dtype=np.int64)
    return look if look.folds else dataclasses.replace(look, folds=((rows, rows),), memo={})


def goal(look: Look) -> Goal:
    """The goal of a look, made once."""
    return once(look, "goal", lambda: _make(look))


def _make(look: Look) -> Goal:
    assert look.task is not None
    assert look.y is not None
    classes = len(look.task.classes) if look.task.is_classification else 0
    y = look.y if classes else normal_scores(look.y)
    rows = np.sort(np.concatenate([valid for _, valid in look.folds]))
    prior = np.zeros(len(y))
    bare = Goal(y, classes, prior, rows)
    for train, valid in look.folds:
        prior[valid] = bare.loss(np.tile(base_rates(y[train], classes), (len(valid), 1)), valid)
    return Goal(y, classes, prior, rows)


def base_rates(y: Doubles, classes: int) -> Doubles:
    """(classes,) smoothed shares, or (1,) the mean."""
    if not classes:
        return np.array([y.mean() if len(y) else 0.0])
    counts = np.bincount(y.astype(np.int64), minlength=classes).astype(np.float64)
    return np.asarray((counts + 1.0 / classes) / (counts.sum() + 1.0), dtype=np.float64)
