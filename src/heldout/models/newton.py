"""Newton's method with a line search for models of a few parameters.

Plain Newton diverges on scores whose slope differs on both sides of a half.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from heldout.core.arrays import Doubles

STEPS, HALVINGS, FLAT = 50, 30, 1e-10
Objective = Callable[[Doubles], tuple[float, Doubles, Doubles]]


def minimize(objective: Objective, start: Doubles) -> Doubles:
    """The minimum of a convex ``objective``, which returns value, gradient and Hessian.

    >>> def bowl(t):
    ...     return float((t - 3.0) @ (t - 3.0)), 2 * (t - 3.0), 2 * np.eye(len(t))
    >>> minimize(bowl, np.zeros(2)).tolist()
    [3.0, 3.0]
    """
    at = np.array(start, dtype=np.float64)
    value, gradient, hessian = objective(at)
    for _ in range(STEPS):
        step = np.linalg.solve(hessian, gradient)
        promise = float(gradient @ step)
        if not promise > FLAT:
            break
        size = 1.0
        for _ in range(HALVINGS):
            tried = objective(at - size * step)
            if tried[0] <= value - 1e-4 * size * promise:
                break
            size /= 2
        else:
            break
        at = at - size * step
        value, gradient, hessian = tried
    return at


def logistic(
    features: Doubles, offset: Doubles, y: Doubles, prior: Doubles, ridge: float
) -> Objective:
    """Sum of log losses of sigmoid(features @ t + offset) and ridge / 2 * |t - prior|^2."""

    def objective(t: Doubles) -> tuple[float, Doubles, Doubles]:
        z = features @ t + offset
        e = np.exp(-np.abs(z))
        p = np.where(z >= 0, 1.0, e) / (1.0 + e)
        away = t - prior
        value = float(np.sum(np.maximum(z, 0) + np.log1p(e) - y * z)) + ridge / 2 * float(
            away @ away
        )
        gradient = features.T @ (p - y) + ridge * away
        w = p * (1 - p)
        hessian = features.T @ (features * w[:, None]) + ridge * np.eye(len(t))
        return value, gradient, hessian

    return objective
