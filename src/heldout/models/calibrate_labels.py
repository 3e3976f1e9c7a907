"""Calibration of several labels: each has a calibrator of its own, or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.metrics.several import two_columns
from heldout.models.card import CALIBRATORS
from heldout.models.link import two_columns as both_onnx
from heldout.tasks.task import Task

if TYPE_CHECKING:
    from heldout.graph.tape import Tape

PER_LABEL = "per_label"
Single = tuple[str, Mapping[str, Any]] | None
"""A calibrator of two classes, or none."""


def joined(each: Sequence[Single]) -> tuple[str, dict[str, Any]] | None:
    """One calibrator of all labels; None where no label has one."""
    if not any(each):
        return None
    labels = [None if one is None else {"kind": one[0], "state": dict(one[1])} for one in each]
    return PER_LABEL, {"labels": labels}


def parted(state: Mapping[str, Any]) -> list[Single]:
    """The calibrator of each label."""
    return [None if one is None else (one["kind"], one["state"]) for one in state["labels"]]


def apply(state: Mapping[str, Any], p: Doubles) -> Doubles:
    """Calibrated probabilities (samples, labels)."""
    out = p.copy()
    for j, one in enumerate(parted(state)):
        if one is not None:
            out[:, j] = CALIBRATORS.get(one[0]).apply(one[1], two_columns(p[:, j]))[:, 1]
    return out


def to_onnx(state: Mapping[str, Any], tape: Tape, name: str) -> str:
    """The same on a tape, double [N, labels]."""
    made = []
    for j, one in enumerate(parted(state)):
        column = tape.op("Gather", name, tape.const(np.array([j], dtype=np.int64)), axis=1)
        if one is not None:
            both = CALIBRATORS.get(one[0]).to_onnx(one[1], tape, both_onnx(tape, column))
            column = tape.op("Gather", both, tape.const(np.array([1], dtype=np.int64)), axis=1)
        made.append(column)
    return tape.concat(made)


def by_label(
    p: Doubles, y: Array, task: Task, of_one: Callable[[Doubles, Array, Task], Doubles]
) -> Doubles:
    """What ``of_one`` makes of each label's two probabilities, as (samples, labels)."""
    each = [of_one(two_columns(p[:, j]), y[:, j], part) for j, part in enumerate(task.parts)]
    return np.stack([q[:, 1] for q in each], axis=1)
