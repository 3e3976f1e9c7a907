"""Do probabilities mean what they say? Slope, intercept and distance, with intervals (EVAL-21).

A sigmoid does not make probabilities calibrated, so it is measured. A slope below 1 says that
they are too sure, above 1 too timid; the intercept says that they are too low (above 0) or too
high. The expected calibration error is biased upwards by about sqrt(bins / n): its own noise is
taken out, and it is never a verdict.

Sources: Cox 1958 (slope and intercept); Naeini, Cooper and Hauskrecht 2015 (ECE).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.metrics.question import Question
from heldout.stats.estimate import Estimate
from heldout.stats.intervals import interval
from heldout.stats.logits import sigmoid

EDGE = 1e-12
BINS = 10


def calibration(
    task: Question, y: Doubles, prediction: Doubles, *, groups: Array | None = None
) -> dict[str, Any]:
    """Calibration of a binary task: ``mean_probability`` beside the ``share`` of positives,
    ``slope`` and ``intercept`` (each with ``_low`` and ``_high``, None where there is no
    interval), ``calibration_error`` without its noise. Empty for other tasks, for fewer than 2
    distinct probabilities, and where one class is missing."""
    known = ~np.isnan(y)
    if task.kind != "binary" or not known.any():
        return {}
    hit = (y[known] == task.positive_code).astype(np.float64)
    p = np.clip(prediction[known, task.positive_code], EDGE, 1 - EDGE)
    if hit.min() == hit.max() or p.min() == p.max():
        return {}
    units = None if groups is None else np.asarray(groups)[known]
    logit = np.log(p) - np.log1p(-p)
    n_plus = int(min(hit.sum(), (1 - hit).sum()))
    both = fit(np.stack([np.ones(len(p)), logit], axis=1), hit, np.zeros(len(p)))
    alone = fit(np.ones((len(p), 1)), hit, logit)
    found: dict[str, Any] = {"mean_probability": float(p.mean()), "share": float(hit.mean())}
    for name, fitted, k in (("slope", both, 1), ("intercept", alone, 0)):
        if fitted is None:
            continue
        value, psi = fitted
        bounds = interval(Estimate(float(value[k]), psi[:, k], "plain", n_plus), groups=units)
        found[name] = float(value[k])
        found[f"{name}_low"], found[f"{name}_high"] = bounds.low, bounds.high
    found["calibration_error"] = calibration_error(p, hit)
    return found


def fit(X: Doubles, y: Doubles, offset: Doubles) -> tuple[Doubles, Doubles] | None:
    """Logistic regression by Newton's method with halved steps: coefficients (k,) and their
    influence values (n, k); None where the classes can be told apart without error."""
    beta = np.zeros(X.shape[1])
    loss = _loss(X, y, offset, beta)
    for _ in range(50):
        mu = sigmoid(X @ beta + offset)
        slope = X.T @ (y - mu)
        curve = (X * (mu * (1 - mu))[:, None]).T @ X
        try:
            step = np.linalg.solve(curve, slope)
        except np.linalg.LinAlgError:
            return None
        size = 1.0
        while size > 1e-6 and _loss(X, y, offset, beta + size * step) > loss:
            size /= 2
        beta = beta + size * step
        before, loss = loss, _loss(X, y, offset, beta)
        if before - loss < 1e-12 * max(1.0, loss):
            break
    if np.abs(beta).max() > 1e3 or loss < 1e-6:
        return None
    mu = sigmoid(X @ beta + offset)
    curve = (X * (mu * (1 - mu))[:, None]).T @ X / len(y)
    psi = np.linalg.solve(curve, (X * (y - mu)[:, None]).T).T
    return beta, np.asarray(psi, dtype=np.float64)


def _loss(X: Doubles, y: Doubles, offset: Doubles, beta: Doubles) -> float:
    z = X @ beta + offset
    return float(np.sum(np.logaddexp(0.0, z) - y * z))


def calibration_error(p: Doubles, hit: Doubles, bins: int = BINS) -> float:
    """Expected calibration error over equally filled bins, less what chance alone would show.

    The mean of |share - mean p| weighted by the bins' sizes, minus the mean absolute deviation
    of a binomial share, sqrt(2 / pi) sqrt(p (1 - p) / n_bin); at least 0.
    """
    parts = np.array_split(np.argsort(p, kind="stable"), min(bins, len(p)))
    gap = noise = 0.0
    for part in parts:
        mean, share = float(p[part].mean()), float(hit[part].mean())
        weight = len(part) / len(p)
        gap += weight * abs(share - mean)
        noise += weight * math.sqrt(2 / math.pi * mean * (1 - mean) / len(part))
    return max(0.0, gap - noise)
