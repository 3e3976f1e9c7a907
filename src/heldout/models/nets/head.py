"""The last layer and its loss, by the table of tasks (MODEL-24, LOSS-02 to LOSS-06).

A network ends in raw scores ("logits"); the loss works on them with a stable log-sum-exp
(LOSS-08), and the activation of the table is applied afterwards, in double. NumPy only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from heldout.core.arrays import Array, Doubles, Floats
from heldout.models.link import probabilities, probabilities_onnx, sigmoid
from heldout.tasks.task import Task

if TYPE_CHECKING:
    from heldout.graph.tape import Tape


@dataclass(frozen=True)
class Head:
    """``units`` of the last layer; ``loss`` is "binary_crossentropy",
    "sparse_categorical_crossentropy" (both from logits), "mean_squared_error" or
    "mean_absolute_error"."""

    units: int
    activation: str
    loss: str


def head(task: Task, objective: str | None = None) -> Head:
    """One sigmoid unit for two classes, one softmax unit a class for more, one plain unit for a
    number: the activation is that of the task's row in the table of tasks. Several targets share
    all other layers: a sigmoid unit for each label, a plain one for each number. ``objective``
    "l1" asks for the median of a number instead of its mean."""
    activation = task.card.activation
    units = max(1, len(task.parts))
    if activation == "sigmoid":
        return Head(units, activation, "binary_crossentropy")
    if activation == "softmax":
        return Head(task.outputs, activation, "sparse_categorical_crossentropy")
    loss = "mean_absolute_error" if objective == "l1" else "mean_squared_error"
    return Head(units, activation, loss)


def scaling(task: Task, y: Doubles, weights: Doubles | None) -> tuple[Any, Any]:
    """Mean and standard deviation (ddof 0, never 0) of a number, or of each of several, (targets,);
    0 and 1 for classes and labels."""
    if task.is_likely:
        return 0.0, 1.0
    mean = np.average(y, axis=0, weights=weights)
    deviation = np.sqrt(np.average((y - mean) ** 2, axis=0, weights=weights))
    if task.parts:
        return mean, np.where(deviation > 0, deviation, 1.0)
    return float(mean), float(deviation) if deviation > 0 else 1.0


def targets(task: Task, y: Doubles, mean: Any, deviation: Any) -> Array:
    """What the loss compares with: int32 codes (n,), or float32 (n, 1), or (n, targets)."""
    if task.card.activation == "softmax":
        return y.astype(np.int32)
    made: Array = ((y - mean) / deviation).astype(np.float32)
    return made if task.parts else made[:, None]


def mean_loss(kind: Head, raw: Floats, wanted: Array) -> float:
    """The mean of the loss, in double, without Keras: what early stopping watches."""
    z = raw.astype(np.float64)
    if kind.loss == "binary_crossentropy":
        losses = np.logaddexp(0.0, z) - wanted * z
    elif kind.loss == "sparse_categorical_crossentropy":
        top = z.max(axis=1)
        total = top + np.log(np.exp(z - top[:, None]).sum(axis=1))
        losses = total - z[np.arange(len(z)), wanted]
    elif kind.loss == "mean_absolute_error":
        losses = np.abs(z - wanted)
    else:
        losses = (z - wanted) ** 2
    return float(np.mean(losses))


def answer(task: Task, raw: Floats, mean: Any, deviation: Any) -> Doubles:
    """Raw float32 scores (n, units), or (n, members, units) whose answers are averaged, to
    probabilities (n, classes), values (n, 1), or either (n, targets), in double."""
    z = raw.astype(np.float64)
    if z.ndim == 3:
        each = answer(task, raw.reshape(-1, raw.shape[2]), mean, deviation)
        return np.asarray(each.reshape(len(z), z.shape[1], -1).mean(axis=1))
    if task.is_multilabel:
        return sigmoid(z)
    return probabilities(z) if task.is_classification else z * deviation + mean


def answer_onnx(task: Task, tape: Tape, raw: str, state: Mapping[str, Any]) -> str:
    """The same on a tape; ``members`` of the state says how many there are. Values stay within
    ``target_low`` and ``target_high`` where the state has those."""
    z = tape.cast(raw, "double")
    members = int(state.get("members", 0))
    units = head(task).units
    if members:
        z = tape.op("Reshape", z, tape.const(np.array([-1, units], np.int64)))
    if task.is_multilabel:
        made = tape.op("Sigmoid", z)
    elif task.is_classification:
        made = probabilities_onnx(tape, z, units)
    else:
        scaled = tape.op("Mul", z, _const(tape, state["target_deviation"]))
        made = tape.op("Add", scaled, _const(tape, state["target_mean"]))
    if members:
        made = tape.op("Reshape", made, tape.const(np.array([-1, members, task.outputs], np.int64)))
        made = tape.op("ReduceMean", made, tape.const(np.array([1], np.int64)), keepdims=0)
    if "target_low" in state:
        made = tape.op("Max", made, _const(tape, state["target_low"]))
        made = tape.op("Min", made, _const(tape, state["target_high"]))
    return made


def _const(tape: Tape, value: Any) -> str:
    """A number, or one for each target, in double."""
    return tape.const(np.asarray(value, dtype=np.float64))
