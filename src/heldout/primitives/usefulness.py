"""How much a feature says about the target, against what noise would say."""

from __future__ import annotations

import numpy as np

from heldout.core.arrays import Array, Doubles

AT_ONCE = 256  # features: bounds the float64 copies


def usefulness(matrix: Array, y: Doubles, classes: int) -> Doubles:
    """A ratio for each column of float32 [n, k]: about 1 for noise, 4 and more for a signal.

    The share of the column's variance that the classes explain (for numbers: the squared
    correlation with the ranks of the target), divided by its mean under noise. Missing values
    count as the mean of the column, and constant columns have 0.

    >>> x = np.array([[0, 1], [0, 2], [1, 1], [1, 2]], np.float32)
    >>> usefulness(x, np.array([0.0, 0.0, 1.0, 1.0]), 2).tolist()
    [3.0, 0.0]
    """
    rows, width = matrix.shape
    if rows < 3:
        return np.zeros(width)
    if y.ndim == 2:  # several targets: what says something about one of them
        each = [usefulness(matrix, one, classes) for one in y.T]
        return np.asarray(np.max(each, axis=0), dtype=np.float64)
    told = _indicators(y, classes) if classes else _ranks(y)[:, None]
    made = [_explained(matrix[:, at : at + AT_ONCE], told) for at in range(0, width, AT_ONCE)]
    by_chance = max(told.shape[1] - 1, 1) / (rows - 1)
    ratios: Doubles = np.concatenate([np.zeros(0), *made]) / by_chance
    return ratios


def _indicators(y: Doubles, classes: int) -> Doubles:
    shown: Array = y[:, None] == np.arange(classes)
    return shown.astype(np.float64)


def _ranks(y: Doubles) -> Doubles:
    """Ranks, equal values sharing the middle one, centered."""
    _, place, counts = np.unique(y, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks: Doubles = (ends - (counts - 1) / 2)[place]
    middle = float(ranks.mean())
    return ranks - middle


def _explained(matrix: Array, told: Doubles) -> Doubles:
    """Share of each column's variance explained by indicators of classes or centered ranks."""
    x = matrix.astype(np.float64)
    known = ~np.isnan(x)
    x = np.where(known, x, 0.0)
    x = np.where(known, x - x.sum(axis=0) / np.maximum(known.sum(axis=0), 1), 0.0)
    total = (x * x).sum(axis=0)
    weight = (told * told).sum(axis=0)
    explained = ((told.T @ x) ** 2 / np.maximum(weight, 1e-300)[:, None]).sum(axis=0)
    return np.where(total > 0, explained / np.where(total > 0, total, 1.0), 0.0)
