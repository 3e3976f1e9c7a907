"""How much a candidate is expected to help the ensemble, from its first fold."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from heldout.core.arrays import Doubles
from heldout.metrics.scoring import compare
from heldout.search.choose import error_correlation, greedy
from heldout.search.values import Judge
from heldout.tasks.task import Task

SHARES = (0.5, 0.25, 0.1)  # of the newcomer in the blend
MOST_ROWS = 5_000
ROUNDS = 10


@dataclass(frozen=True)
class Gain:
    """``expected`` gain of the metric (never negative), the paired ``z`` of the candidate alone
    against the ensemble, and the ``correlation`` of their errors."""

    expected: float
    z: float
    correlation: float

    def is_hopeless(self, drawn: bool = False) -> bool:
        """Clearly worse than the ensemble, and wrong in the same places; of settings drawn at
        random there are many, and less patience with each."""
        return self.z < (-1.0 if drawn else -2.0) and self.correlation > (0.95 if drawn else 0.98)


@dataclass(frozen=True)
class FirstFold:
    """Target (rows,) of the first fold's validation part, thinned where it is large."""

    task: Task
    y: Doubles
    weights: Doubles | None

    @property
    def rows(self) -> slice:
        """Every k-th row of the fold."""
        return slice(None, None, max(1, math.ceil(len(self.y) / MOST_ROWS)))

    @property
    def _judge(self) -> Judge:
        w = None if self.weights is None else self.weights[self.rows]
        return Judge(self.task, self.task.metric, self.y[self.rows], w)

    def values(self, predictions: Sequence[Doubles]) -> Doubles:
        """One value for each prediction of the fold, greater is better."""
        return self._judge.values(np.stack([p[self.rows] for p in predictions]))

    def blend(self, predictions: Sequence[Doubles]) -> Doubles:
        """The greedy ensemble of these predictions."""
        stack = np.stack([p[self.rows] for p in predictions])
        shares, _ = greedy(stack, self._judge, ROUNDS)
        return np.asarray(np.tensordot(shares, stack, axes=1))

    def gain(self, ensemble: Doubles, prediction: Doubles) -> Gain:
        """What ``prediction`` is expected to add to ``ensemble`` (a result of ``blend``).

        The drop d of the score with its paired standard error s is taken as a normal belief;
        the ensemble may leave the newcomer out, so its expectation is that of max(0, d).
        """
        mine, y = prediction[self.rows], self.y[self.rows]
        w = None if self.weights is None else self.weights[self.rows]
        metric = self.task.metric

        def against(a: Doubles) -> tuple[float, float]:
            found = compare(metric, self.task, y, a, ensemble, weights=w)
            return found.value, found.standard_error or 0.0

        gains = [_expected(*against((1 - s) * ensemble + s * mine)) for s in SHARES]
        value, error = against(mine)
        every = np.arange(len(y))
        alike = error_correlation([mine, ensemble], y, every, self.task)[0, 1]
        z = value / error if error > 0 else 0.0
        return Gain(max(gains), z if math.isfinite(z) else 0.0, float(alike))


def _expected(mean: float, error: float) -> float:
    """E[max(0, X)] of X ~ N(mean, error).

    >>> round(_expected(0.0, 1.0), 4), _expected(0.5, 0.0), _expected(-0.5, 0.0)
    (0.3989, 0.5, 0.0)
    """
    if not math.isfinite(mean):
        return 0.0
    if not error > 0:
        return max(0.0, mean)
    z = mean / error
    density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return max(0.0, mean * 0.5 * math.erfc(-z / math.sqrt(2)) + error * density)
