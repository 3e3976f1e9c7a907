"""From raw scores to predictions: the same formula in NumPy and in the graph, in double."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from heldout.core.arrays import Doubles

if TYPE_CHECKING:
    from heldout.graph.tape import Tape


def sigmoid(z: Doubles) -> Doubles:
    """1 / (1 + exp(-z)), without overflow.

    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, e) / (1.0 + e)


def softmax(z: Doubles) -> Doubles:
    """exp(z) / sum exp(z), by row."""
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return np.asarray(e / e.sum(axis=1, keepdims=True), dtype=np.float64)


def probabilities(raw: Doubles) -> Doubles:
    """Raw scores (n, 1) of class 1, or (n, classes), to probabilities (n, classes)."""
    if raw.shape[1] == 1:
        return np.concatenate([sigmoid(-raw), sigmoid(raw)], axis=1)
    return softmax(raw)


def probabilities_onnx(tape: Tape, raw: str, width: int) -> str:
    """The same on a tape; ``width`` is 1 or the number of classes."""
    if width == 1:
        zero = tape.op("Sigmoid", tape.op("Neg", raw))
        return tape.concat([zero, tape.op("Sigmoid", raw)])
    return tape.op("Softmax", raw, axis=1)


def two_columns(tape: Tape, p: str) -> str:
    """Probabilities [N, 1] of class 1 to both classes [N, 2]."""
    return tape.concat([tape.op("Sub", tape.const(np.array(1.0)), p), p])
