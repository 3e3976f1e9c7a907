"""Least squares from sums of products, gathered in chunks: any number of rows, no copy in double.

With the eigenvectors of the centered products every ridge penalty costs one product more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heldout.core.arrays import Doubles
from heldout.core.clock import Deadline
from heldout.models.descent import Linear
from heldout.models.rows import Rows

CHUNK = 20_000
SMALLEST = 1e-10  # of the largest eigenvalue: below it a direction holds nothing


@dataclass(frozen=True)
class Gram:
    """Weighted means, eigenvalues and vectors of the covariance (ddof 0), x'y and y'y likewise.

    ``stopped``: the deadline came before all rows were read.
    """

    weight: float
    mean: Doubles
    mean_y: float
    values: Doubles
    vectors: Doubles
    xy: Doubles
    yy: float
    stopped: bool

    def solve(self, penalty: float = 0.0) -> Linear:
        """The ridge solution with ``penalty`` per row (0: least squares of least length)."""
        kept = self.values > SMALLEST * max(float(self.values[-1]), 1e-300)
        inverse = np.where(kept, 1.0 / np.where(kept, self.values + penalty, 1.0), 0.0)
        coef = self.vectors @ (inverse * (self.vectors.T @ self.xy))
        intercept = self.mean_y - float(self.mean @ coef)
        return Linear(coef[:, None], np.array([intercept]), self.stopped)

    def standard_errors(self, coef: Doubles) -> tuple[Doubles, float]:
        """Of each coefficient of the least squares solution, and the residual's standard
        deviation: sqrt(s^2 * diag((X'X)^-1)), the degrees of freedom taken off."""
        kept = self.values > SMALLEST * max(float(self.values[-1]), 1e-300)
        rss = max(0.0, self.weight * (self.yy - float(self.xy @ coef)))
        free = self.weight - int(kept.sum()) - 1
        variance = rss / free if free > 0 else float("nan")
        spread = (self.vectors[:, kept] ** 2) @ (1.0 / self.values[kept])
        return np.sqrt(variance * spread / self.weight), float(np.sqrt(variance))


def gather(rows: Rows, deadline: Deadline) -> Gram:
    """Read the rows in chunks; at the deadline go on with what was read."""
    d = rows.x.shape[1]
    shift = rows.x[:CHUNK].mean(axis=0, dtype=np.float64)
    shift_y = float(rows.y[:CHUNK].mean())
    products, total = np.zeros((d + 1, d + 1)), 0.0
    first = np.zeros(d + 1)
    stopped = False
    for start in range(0, len(rows), CHUNK):
        if start and deadline.passed:
            stopped = True
            break
        part = slice(start, start + CHUNK)
        z = np.column_stack([rows.x[part].astype(np.float64) - shift, rows.y[part] - shift_y])
        w = np.ones(len(z)) if rows.weights is None else rows.weights[part]
        weighted = z * w[:, None]
        products += z.T @ weighted
        first += weighted.sum(axis=0)
        total += float(w.sum())
    mean = first / total
    cov = products / total - np.outer(mean, mean)
    values, vectors = np.linalg.eigh(cov[:d, :d])
    return Gram(
        weight=total,
        mean=mean[:d] + shift,
        mean_y=float(mean[d]) + shift_y,
        values=values,
        vectors=vectors,
        xy=cov[:d, d],
        yy=float(cov[d, d]),
        stopped=stopped,
    )


def gram_seconds(rows: int, features: int) -> float:
    """CPU seconds: products and eigenvectors."""
    return 0.005 + 1.5e-10 * rows * features**2 + 2e-8 * rows * features + 1.2e-9 * features**3
