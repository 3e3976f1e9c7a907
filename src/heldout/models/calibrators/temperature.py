"""Temperature scaling: softmax(log(p) / T), for any number of classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.models.card import CalibratorCard
from heldout.models.link import softmax
from heldout.models.logits import log, log_onnx
from heldout.models.newton import minimize
from heldout.models.slopes import steepest
from heldout.tasks.task import Task

if TYPE_CHECKING:
    from heldout.graph.tape import Tape

RIDGE = 0.5


def fit(p: Doubles, y: Array, _task: Task) -> dict[str, Any]:
    """One slope 1 / T on the logarithms; the prior is 1. It may not turn the order around."""
    z = log(p)
    z = z - z.max(axis=1, keepdims=True)
    codes = np.asarray(y).astype(np.int64)
    own = z[np.arange(len(z)), codes]

    def objective(t: Doubles) -> tuple[float, Doubles, Doubles]:
        scaled = t[0] * z
        total = np.log(np.exp(scaled - scaled.max(axis=1, keepdims=True)).sum(axis=1))
        total += scaled.max(axis=1)
        q = softmax(scaled)
        mean = (q * z).sum(axis=1)
        spread = (q * z * z).sum(axis=1) - mean**2
        value = float((total - t[0] * own).sum()) + RIDGE / 2 * float(t[0] - 1) ** 2
        gradient = np.array([(mean - own).sum() + RIDGE * (t[0] - 1)])
        return value, gradient, np.array([[spread.sum() + RIDGE]])

    return {"a": max(1e-3, float(minimize(objective, np.array([1.0]))[0]))}


def apply(state: Mapping[str, Any], p: Doubles) -> Doubles:
    """Probabilities (samples, classes) to calibrated ones."""
    return softmax(state["a"] * log(p))


def to_onnx(state: Mapping[str, Any], tape: Tape, name: str) -> str:
    """The same on a tape."""
    return tape.op(
        "Softmax", tape.op("Mul", tape.const(np.array(state["a"])), log_onnx(tape, name)), axis=1
    )


CARD = CalibratorCard(
    name="temperature",
    summary="all log probabilities divided by one number",
    fit=fit,
    apply=apply,
    to_onnx=to_onnx,
    slope=lambda state: steepest(lambda p: apply(state, p)),
    source="Guo et al. 2017, On calibration of modern neural networks",
)
