"""The weighted mean of several models' predictions: the same sum in NumPy and in the graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from heldout.core.arrays import Doubles

if TYPE_CHECKING:
    from heldout.graph.tape import Tape


def shares(weights: Sequence[float]) -> list[float]:
    """Weights that sum to 1; raises ValueError where they cannot."""
    total = sum(weights)
    if not total > 0 or min(weights) < 0:
        raise ValueError(f"weights {weights} have no shares")
    return [w / total for w in weights]


def blend(predictions: Sequence[Doubles], weights: Sequence[float]) -> Doubles:
    """Predictions (n, outputs) each; one alone passes through untouched.

    >>> blend([np.array([[0.2]]), np.array([[0.4]])], [3, 1]).round(6).tolist()
    [[0.25]]
    """
    if len(predictions) == 1:
        return predictions[0]
    total: Doubles | None = None
    for share, prediction in zip(shares(weights), predictions, strict=True):
        part = np.float64(share) * prediction
        total = part if total is None else total + part
    if total is None:
        raise ValueError("nothing to blend")
    return total


def blend_onnx(tape: Tape, names: Sequence[str], weights: Sequence[float]) -> str:
    """The same on a tape, double [N, outputs]."""
    if len(names) == 1:
        return names[0]
    total = ""
    for share, name in zip(shares(weights), names, strict=True):
        part = tape.op("Mul", tape.const(np.array(share, dtype=np.float64)), name)
        total = tape.op("Add", total, part) if total else part
    return total
