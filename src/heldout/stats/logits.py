"""Softmax, sigmoid and cross-entropy from logits without overflow (LOSS-02 to LOSS-08).

All take (samples, classes) or (classes,) float64 and work on the last axis; values in nats.
"""

from __future__ import annotations

import math

import numpy as np

from heldout.core.arrays import Array, Doubles


def log_sum_exp(logits: Array) -> Doubles:
    """log(sum(exp(logits))) over the last axis; the largest logit is taken out first."""
    x = np.asarray(logits, dtype=np.float64)
    largest = x.max(axis=-1, keepdims=True)
    rest: Doubles = np.log(np.exp(x - largest).sum(axis=-1)) + largest[..., 0]
    return rest


def log_softmax(logits: Array) -> Doubles:
    """Log-probabilities of exclusive classes."""
    x = np.asarray(logits, dtype=np.float64)
    result: Doubles = x - log_sum_exp(x)[..., None]
    return result


def softmax(logits: Array, temperature: float = 1.0) -> Doubles:
    """Probabilities of exclusive classes; a higher temperature flattens them.

    >>> softmax(np.array([1000.0, 1001.0])).round(6).tolist()
    [0.268941, 0.731059]
    """
    return np.exp(log_softmax(np.asarray(logits, dtype=np.float64) / temperature))


def sigmoid(logits: Array) -> Doubles:
    """1 / (1 + exp(-x)), from the side that does not overflow."""
    x = np.asarray(logits, dtype=np.float64)
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + small), small / (1 + small))


def cross_entropy(logits: Array, labels: Array) -> Doubles:
    """Loss per sample of exclusive classes, shape (samples,).

    ``labels`` are class codes (samples,) or shares of classes (samples, classes) that sum to 1:
    one-hot and integer labels give the same value.

    >>> x = np.array([[2.0, 1.0, 0.1]])
    >>> cross_entropy(x, np.array([0])).round(6).tolist()
    [0.41703]
    >>> cross_entropy(x, np.array([[0.7, 0.2, 0.1]])).round(6).tolist()
    [0.80703]
    """
    logs, y = log_softmax(logits), np.asarray(labels)
    if y.ndim == logs.ndim:
        result: Doubles = -np.sum(y * logs, axis=-1)
        return result
    return -np.take_along_axis(logs, y[..., None].astype(np.int64), axis=-1)[..., 0]


def binary_cross_entropy(logits: Array, labels: Array) -> Doubles:
    """Loss per element of labels that do not exclude each other: max(x,0) - xy + log(1+e^-|x|).

    >>> binary_cross_entropy(np.array([2.0, 1.0, 0.1]), np.array([1, 0, 1])).round(6).tolist()
    [0.126928, 1.313262, 0.644397]
    """
    x, y = np.asarray(logits, dtype=np.float64), np.asarray(labels, dtype=np.float64)
    result: Doubles = np.maximum(x, 0) - x * y + np.log1p(np.exp(-np.abs(x)))
    return result


def hinge(margins: Array) -> Doubles:
    """max(0, 1 - margin), the loss of a support vector machine.

    >>> hinge(np.array([2.0, 0.5, -1.0])).tolist()
    [0.0, 0.5, 2.0]
    """
    return np.maximum(0.0, 1.0 - np.asarray(margins, dtype=np.float64))


def ctc(probabilities: Array, label: Array, blank: int = 0) -> float:
    """Connectionist temporal classification: -log P(label) over all alignments.

    ``probabilities`` (steps, symbols) per step; ``label`` symbol codes without blanks.
    Source: Graves et al. 2006, the forward recursion.

    >>> round(ctc(np.array([[0.6, 0.4], [0.6, 0.4]]), np.array([1])), 6)
    0.446287
    """
    p = np.asarray(probabilities, dtype=np.float64)
    states = [blank]
    for symbol in np.asarray(label, dtype=np.int64):
        states += [int(symbol), blank]
    alpha = np.zeros(len(states))
    alpha[0] = p[0, blank]
    if len(states) > 1:
        alpha[1] = p[0, states[1]]
    log_scale = 0.0
    for step in p[1:]:
        before = alpha.copy()
        alpha[1:] += before[:-1]
        for s in range(2, len(states)):
            if states[s] not in (blank, states[s - 2]):
                alpha[s] += before[s - 2]
        alpha *= step[states]
        size = float(alpha.sum())
        if size == 0:
            return math.inf
        alpha /= size  # long sequences would underflow
        log_scale += math.log(size)
    total = float(alpha[-1] + (alpha[-2] if len(states) > 1 else 0.0))
    return -math.log(total) - log_scale if total > 0 else math.inf
