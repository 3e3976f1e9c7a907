"""A quick learner of another kind: is there anything to be learned from these inputs?

Ridge regression on random ReLU features and on the inputs themselves, and the mean of the nearest
rows; the best of the three on validation rows. No loss of its own: squared error of numbers or
of probabilities, which can be compared with any network's.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.training.data import leaves

MOST_ROWS = 3_000
MOST_COLUMNS = 2_000
FEATURES = 200
NEIGHBORS = 10


def skill_of(x: Any, y: Doubles, held_x: Any, held_y: Doubles) -> float:
    """1 minus the squared error over that of the mean, on validation rows; NaN for inputs that
    are not numbers of moderate width, or where nothing varies."""
    a, b = _flat(x), _flat(held_x)
    if a is None or b is None or y.shape[1:] != held_y.shape[1:]:
        return math.nan
    a, y, b, held_y = a[:MOST_ROWS], y[:MOST_ROWS], b[:MOST_ROWS], held_y[:MOST_ROWS]
    if not (np.isfinite(a).all() and np.isfinite(b).all() and np.isfinite(y).all()):
        return math.nan
    spread = np.where(a.std(axis=0) > 1e-12, a.std(axis=0), 1.0)
    center = a.mean(axis=0)
    a, b = (a - center) / spread, np.clip((b - center) / spread, -10, 10)
    mean = y.mean(axis=0)
    answers = [mean + _ridge(a, y - mean, b), mean + _random(a, y - mean, b), _near(a, y, b)]
    return max(skill(answer, held_y, mean) for answer in answers)


def skill(answer: Doubles, y: Doubles, mean: Doubles) -> float:
    """1 minus the squared error over that of the constant ``mean``.

    >>> skill(np.array([[1.0], [3.0]]), np.array([[1.0], [3.0]]), np.array([2.0]))
    1.0
    """
    total = float(((y - mean) ** 2).sum())
    return 1.0 - float(((y - answer) ** 2).sum()) / total if total > 0 else math.nan


def _flat(x: Any) -> Doubles | None:
    parts = [p.reshape(len(p), -1) for p in leaves(x) if p.dtype.kind == "f" or p.dtype == np.uint8]
    if not parts or sum(p.shape[1] for p in parts) > MOST_COLUMNS:
        return None
    made: Doubles = np.concatenate(parts, axis=1).astype(np.float64)
    return made


def _ridge(a: Doubles, y: Doubles, b: Doubles) -> Doubles:
    """The penalty by generalized cross-validation (Golub, Heath and Wahba 1979)."""
    u, s, v = np.linalg.svd(a, full_matrices=False)
    uy, best, chosen = u.T @ y, math.inf, 1.0
    for penalty in np.geomspace(1e-3, 1.0, 7) * len(a):
        shrink = s**2 / (s**2 + penalty)
        rest = ((y - u @ (shrink[:, None] * uy)) ** 2).sum()
        criterion = float(rest / max(1e-9, 1 - shrink.sum() / len(a)) ** 2)
        if criterion < best:
            best, chosen = criterion, penalty
    made: Doubles = b @ (v.T @ ((s / (s**2 + chosen))[:, None] * uy))
    return made


def _random(a: Doubles, y: Doubles, b: Doubles) -> Doubles:
    rng = np.random.default_rng(0)
    many = min(FEATURES, max(10, len(a) // 3))
    w = rng.normal(size=(a.shape[1], many)) / math.sqrt(a.shape[1])
    bias = rng.normal(size=many)
    left, right = np.maximum(a @ w + bias, 0), np.maximum(b @ w + bias, 0)
    center = left.mean(axis=0)
    return _ridge(np.hstack([left - center, a]), y, np.hstack([right - center, b]))


def _near(a: Doubles, y: Doubles, b: Doubles) -> Doubles:
    """The mean of the nearest rows."""
    distance = (b**2).sum(axis=1)[:, None] - 2 * b @ a.T + (a**2).sum(axis=1)
    k = min(NEIGHBORS, len(a))
    near: Array = np.argpartition(distance, k - 1, axis=1)[:, :k]
    made: Doubles = y[near].mean(axis=1)
    return made
