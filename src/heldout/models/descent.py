"""Linear models by L-BFGS-B (SciPy): logistic, multinomial and squared loss, L1 and L2.

The objective is mean loss + l2 / 2 * |w|^2 + l1 * |w|_1, the intercept free. With L1 the weights
are split into two parts that cannot be negative, so that the objective stays smooth and zeros
come out exactly. The deadline is watched at every step.

Source: Byrd, Lu, Nocedal, Zhu 1995 (L-BFGS-B).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from heldout.core.arrays import Doubles
from heldout.core.clock import Deadline
from heldout.models.link import sigmoid, softmax

STEPS = 300
FINE, ROUGH = (1e-6, 1e-9), (1e-4, 1e-7)  # largest gradient, smallest relative gain, at the end
Loss = Callable[[Doubles], tuple[float, Doubles]]


@dataclass(frozen=True)
class Linear:
    """``coef`` (features, columns) and ``intercept`` (columns,); one column for values and for
    two classes, else one for each class."""

    coef: Doubles
    intercept: Doubles
    stopped: bool = False

    def raw(self, x: Doubles) -> Doubles:
        """x @ coef + intercept, in double."""
        return np.asarray(x, dtype=np.float64) @ self.coef + self.intercept


@dataclass(frozen=True)
class Problem:
    """``x`` (n, d) float64, ``y`` (n,) class codes or values, ``weights`` (n,) or None."""

    x: Doubles
    y: Doubles
    weights: Doubles | None
    classes: int  # 0 for values

    @property
    def columns(self) -> int:
        """Columns of raw scores."""
        return self.classes if self.classes > 2 else 1


def minimize(
    problem: Problem,
    l2: float,
    l1: float,
    deadline: Deadline,
    start: Linear | None = None,
    *,
    rough: bool = False,
) -> Linear:
    """The minimum, or what was reached by the deadline (``stopped``); ``rough`` is good enough
    to choose a penalty and takes a third of the steps."""
    from scipy.optimize import minimize as descend

    d, k = problem.x.shape[1], problem.columns
    size = d * k
    at = np.zeros(size + k)
    if start is not None:
        at = np.concatenate([start.coef.ravel(), start.intercept])
    objective, bounds = _with_l2(_loss(problem), size, l2), None
    if l1 > 0:
        w = at[:size]
        at = np.concatenate([np.maximum(w, 0), np.maximum(-w, 0), at[size:]])
        objective = _with_l1(objective, size, l1)
        bounds = [(0.0, None)] * (2 * size) + [(None, None)] * k
    late = False

    def watch(_at: Doubles) -> None:
        nonlocal late
        if deadline.passed:
            late = True
            raise StopIteration

    flat, few = ROUGH if rough else FINE
    options = {"maxiter": STEPS, "gtol": flat, "ftol": few, "maxcor": 20}
    theta: Doubles = descend(
        objective, at, jac=True, method="L-BFGS-B", bounds=bounds, callback=watch, options=options
    ).x
    if l1 > 0:
        theta = np.concatenate([theta[:size] - theta[size : 2 * size], theta[2 * size :]])
    return Linear(theta[:size].reshape(d, k), theta[size:].copy(), late)


def _with_l2(loss: Loss, size: int, l2: float) -> Loss:
    def penalized(theta: Doubles) -> tuple[float, Doubles]:
        value, gradient = loss(theta)
        w = theta[:size]
        gradient[:size] += l2 * w
        return value + l2 / 2 * float(w @ w), gradient

    return penalized


def _with_l1(loss: Loss, size: int, l1: float) -> Loss:
    """Over (what is added, what is taken off, intercept): w is the difference of the first two."""

    def penalized(parts: Doubles) -> tuple[float, Doubles]:
        up, down, free = parts[:size], parts[size : 2 * size], parts[2 * size :]
        value, gradient = loss(np.concatenate([up - down, free]))
        g = gradient[:size]
        value += l1 * float(up.sum() + down.sum())
        return value, np.concatenate([g + l1, l1 - g, gradient[size:]])

    return penalized


def _loss(problem: Problem) -> Loss:
    """theta = coef, row by row, then intercept; to (mean loss, gradient)."""
    x, k = problem.x, problem.columns
    n, d = x.shape
    share = (
        np.full(n, 1.0 / n) if problem.weights is None else problem.weights / problem.weights.sum()
    )
    codes = problem.y.astype(np.int64) if problem.classes else None

    def loss(theta: Doubles) -> tuple[float, Doubles]:
        z = x @ theta[: d * k].reshape(d, k) + theta[d * k :]
        if codes is None:
            residual = z - problem.y[:, None]
            value = 0.5 * float(share @ residual[:, 0] ** 2)
        elif k == 1:
            one = codes[:, None]
            value = float(share @ (np.logaddexp(0.0, z) - one * z)[:, 0])
            residual = sigmoid(z) - one
        else:
            residual = softmax(z)
            own = np.maximum(residual[np.arange(n), codes], 1e-300)
            value = -float(share @ np.log(own))
            residual[np.arange(n), codes] -= 1.0
        residual *= share[:, None]
        return value, np.concatenate([(x.T @ residual).ravel(), residual.sum(axis=0)])

    return loss


def start_intercept(problem: Problem) -> Linear:
    """No slope; the intercept of the class rates or of the mean."""
    d, k = problem.x.shape[1], problem.columns
    if not problem.classes:
        return Linear(np.zeros((d, 1)), np.array([np.average(problem.y, weights=problem.weights)]))
    count = np.bincount(
        problem.y.astype(np.int64), weights=problem.weights, minlength=problem.classes
    )
    rate = (count + 0.5) / (count.sum() + 0.5 * problem.classes)
    intercept = np.log(rate[1:] / rate[:1]) if k == 1 else np.log(rate) - np.log(rate).mean()
    return Linear(np.zeros((d, k)), intercept)


def mean_loss(problem: Problem, model: Linear) -> float:
    """What the penalty is chosen by: the loss without penalty."""
    theta = np.concatenate([model.coef.ravel(), model.intercept])
    return _loss(problem)(theta)[0]
