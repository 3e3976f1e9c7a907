"""Platt scaling: sigmoid(a * logit(p) + b), held back toward doing nothing."""

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

RIDGE, FLATTEST = 0.5, 1e-3


def fit(p: Doubles, y: Array, _task: Task) -> dict[str, Any]:
    """Slope and intercept on the log-odds; the prior is 1 and 0. A slope below ``FLATTEST``
    would turn the order around: it is held there."""
    z = _logit(p)
    features = np.stack([z, np.ones(len(z))], axis=1)
    start = np.array([1.0, 0.0])
    a, b = minimize(logistic(features, np.zeros(len(z)), y, start, RIDGE), start)
    if a < FLATTEST:
        a, alone = FLATTEST, np.ones((len(z), 1))
        (b,) = minimize(logistic(alone, a * z, y, np.zeros(1), RIDGE), np.zeros(1))
    return {"a": float(a), "b": float(b)}


def _logit(p: Doubles) -> Doubles:
    return log(p[:, 1]) - log(p[:, 0])


def apply(state: Mapping[str, Any], p: Doubles) -> Doubles:
    """Probabilities (samples, 2) to calibrated ones."""
    return probabilities((state["a"] * _logit(p) + state["b"])[:, None])


def to_onnx(state: Mapping[str, Any], tape: Tape, name: str) -> str:
    """The same on a tape."""
    one, zero = (log_onnx(tape, column_onnx(tape, name, code)) for code in (1, 0))
    z = tape.op("Mul", tape.const(np.array(state["a"])), tape.op("Sub", one, zero))
    return probabilities_onnx(tape, tape.op("Add", z, tape.const(np.array(state["b"]))), 1)


CARD = CalibratorCard(
    name="platt",
    summary="log-odds stretched and shifted",
    fit=fit,
    apply=apply,
    to_onnx=to_onnx,
    slope=lambda state: steepest(lambda p: apply(state, p)),
    source="Platt 1999, Probabilistic outputs for support vector machines",
)
