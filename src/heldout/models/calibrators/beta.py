"""Beta calibration: sigmoid(a * log(p) - b * log(1 - p) + c), held back toward doing nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.models.card import CalibratorCard
from heldout.models.link import probabilities, probabilities_onnx
from heldout.models.logits import column_onnx, log, log_onnx
from heldout.models.newton import logistic, minimize
from heldout.models.slopes import steepest
from heldout.tasks.task import Task

if TYPE_CHECKING:
    from heldout.graph.tape import Tape

RIDGE = 0.5
IDENTITY = np.array([1.0, 1.0, 0.0])


def fit(p: Doubles, y: Array, _task: Task) -> dict[str, Any]:
    """Two slopes, of p near 0 and near 1, and an intercept. A slope below 0 would turn the order
    around: it is set to 0 and the others are fitted again."""
    features = np.stack([log(p[:, 1]), -log(p[:, 0]), np.ones(len(p))], axis=1)
    free = np.array([True, True, True])
    theta = IDENTITY.copy()
    for _ in range(3):
        f = features[:, free]
        prior = IDENTITY[free]
        theta = np.zeros(3)
        theta[free] = minimize(logistic(f, np.zeros(len(p)), y, prior, RIDGE), prior)
        if (theta[:2] >= 0).all():
            break
        free[:2] &= theta[:2] >= 0
    a, b, c = theta
    return {"a": float(a), "b": float(b), "c": float(c)}


def apply(state: Mapping[str, Any], p: Doubles) -> Doubles:
    """Probabilities (samples, 2) to calibrated ones."""
    z = state["a"] * log(p[:, 1]) - state["b"] * log(p[:, 0]) + state["c"]
    return probabilities(z[:, None])


def to_onnx(state: Mapping[str, Any], tape: Tape, name: str) -> str:
    """The same on a tape."""
    one, zero = (log_onnx(tape, column_onnx(tape, name, code)) for code in (1, 0))
    a, b, c = (tape.const(np.array(state[k])) for k in "abc")
    z = tape.op("Sub", tape.op("Mul", a, one), tape.op("Mul", b, zero))
    return probabilities_onnx(tape, tape.op("Add", z, c), 1)


CARD = CalibratorCard(
    name="beta",
    summary="the log-odds stretched differently near 0 and near 1",
    fit=fit,
    apply=apply,
    to_onnx=to_onnx,
    slope=lambda state: steepest(lambda p: apply(state, p)),
    source="Kull, Silva Filho and Flach 2017, Beta calibration",
)
