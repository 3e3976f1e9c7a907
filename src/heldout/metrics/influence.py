"""Estimates with influence values for means, ratios and rates.

Weights are brought to mean 1, so that psi of a weighted estimate is weight times influence.
"""

from __future__ import annotations

import math

import numpy as np

from heldout.core.arrays import Array, Bools, Doubles, Ints
from heldout.metrics.score import Truth
from heldout.stats.estimate import Estimate, Scale


def weights(truth: Truth) -> Doubles:
    """Weights with mean 1, (samples,); ones where none were given."""
    if truth.weights is None:
        return np.ones(len(truth.y))
    w = np.asarray(truth.weights, dtype=np.float64)
    return np.asarray(w / w.mean(), dtype=np.float64)


def mean(values: Doubles, truth: Truth, scale: Scale, positives: int | None = None) -> Estimate:
    """theta = mean of a loss per sample; psi_i = loss_i - theta."""
    return weighted_mean(values, weights(truth), scale, positives)


def weighted_mean(
    values: Doubles, w: Doubles, scale: Scale, positives: int | None = None
) -> Estimate:
    """The same with weights of mean 1, (samples,)."""
    theta = float(np.mean(w * values))
    return Estimate(theta, w * (values - theta), scale, positives)


def with_unseen(losses: Doubles, w: Doubles, size: float) -> tuple[Doubles, Doubles]:
    """Losses and weights with one error more than was seen, of loss ``size`` and weight 1."""
    grown = np.append(w, 1.0)
    return np.append(losses, size), grown / grown.mean()


def ratio(
    above: Doubles, below: Doubles, truth: Truth, scale: Scale, positives: int | None = None
) -> Estimate:
    """theta = sum(above) / sum(below); psi_i = (above_i - theta below_i) / mean(below).

    0 with no influence where ``below`` is 0 throughout (as scikit-learn's zero_division=0).
    """
    return weighted_ratio(above, below, weights(truth), scale, positives)


def weighted_ratio(
    above: Doubles, below: Doubles, w: Doubles, scale: Scale, positives: int | None = None
) -> Estimate:
    """The same with weights of mean 1, (samples,)."""
    base = float(np.mean(w * below))
    if base == 0:
        return Estimate(0.0, np.zeros(len(above)), scale, positives)
    theta = float(np.mean(w * above)) / base
    return Estimate(theta, w * (above - theta * below) / base, scale, positives)


def undefined(truth: Truth, scale: Scale = "plain") -> Estimate:
    """NaN: the metric has no meaning for these samples."""
    return Estimate(math.nan, np.zeros(len(truth.y)), scale, 0)


def codes(truth: Truth) -> Ints:
    """Class codes of the truth as integers, (samples,)."""
    return truth.y.astype(np.int64)


def decisions(truth: Truth) -> Ints:
    """Class codes of the decision as integers; a metric of decisions needs them."""
    if truth.decision is None:
        raise ValueError("this metric compares decisions, and there are none")
    return np.asarray(truth.decision, dtype=np.int64)


def is_positive(truth: Truth) -> Bools:
    """Which samples are of the class that binary metrics look for."""
    hits: Bools = codes(truth) == truth.positive
    return hits


def flagged(truth: Truth) -> Bools:
    """Which samples the model decides to be of that class."""
    hits: Bools = decisions(truth) == truth.positive
    return hits


def rarest(labels: Array) -> int:
    """n+: samples of the rarest class that is present; 0 where only one class is."""
    _, counts = np.unique(labels, return_counts=True)
    return int(counts.min()) if len(counts) > 1 else 0


def one_hot(labels: Ints, classes: int) -> Doubles:
    """(samples, classes) with a single 1 a row."""
    table = np.zeros((len(labels), classes))
    table[np.arange(len(labels)), labels] = 1.0
    return table


def errors(truth: Truth) -> Doubles:
    """Prediction minus truth, (samples,)."""
    return truth.prediction[:, 0] - truth.y
