"""The rows that a learner without early stopping fits on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heldout.core.arrays import Array, Doubles, Ints
from heldout.models.card import FitInput

SHARE, FEWEST = 0.2, 50  # held back to choose a penalty, where no inner part is given


@dataclass(frozen=True)
class Rows:
    """Features (n, d), target (n,), weights (n,) or None."""

    x: Array
    y: Doubles
    weights: Doubles | None

    def __len__(self) -> int:
        return len(self.y)

    def take(self, which: Array) -> Rows:
        """These rows."""
        weights = None if self.weights is None else self.weights[which]
        return Rows(self.x[which], self.y[which], weights)


def all_rows(given: FitInput) -> Rows:
    """Training and inner part together: a model that does not stop early need not lose the
    inner part. (Weights are known for the training part only: with them it stays alone.)"""
    if given.inner is None or given.y_inner is None or given.weights is not None:
        return Rows(given.train.x, given.y, given.weights)
    x = np.concatenate([given.train.x, given.inner.x])
    return Rows(x, np.concatenate([given.y, given.y_inner]), None)


def parts(given: FitInput) -> tuple[Rows, Rows] | None:
    """(fit, judge) to choose a penalty with: the inner part judges, or a fifth of the rows drawn
    by the seed; None where there are too few."""
    if given.inner is not None and given.y_inner is not None and len(given.y_inner):
        judge = Rows(given.inner.x, given.y_inner, None)
        return Rows(given.train.x, given.y, given.weights), judge
    n = len(given.y)
    if n < FEWEST:
        return None
    order: Ints = given.seed.child("judge").rng().permutation(n)
    held = round(n * SHARE)
    rows = Rows(given.train.x, given.y, given.weights)
    return rows.take(np.sort(order[held:])), rows.take(np.sort(order[:held]))
