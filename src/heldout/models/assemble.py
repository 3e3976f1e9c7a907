"""One graph from raw columns to probability and decision, or to a value (joints 6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from heldout.core.arrays import Array
from heldout.core.space import Settings
from heldout.metrics.scoring import Cut, thresholds_of
from heldout.models import calibrate, conformal, per_target
from heldout.models.blend import blend_onnx
from heldout.models.card import MODELS, State
from heldout.primitives.expression import computed_onnx
from heldout.tables.schema import Schema
from heldout.tasks.task import Task

if TYPE_CHECKING:
    from heldout.graph.tape import Tape
    from heldout.primitives.recipe import Recipe

MAX_NODES = 300_000  # of trees, in a bundle
PARTS = {"x": ("float", 2), "codes": ("int32", 2), "image": ("uint8", 4)}
"""Tensor type and number of axes of the parts of a Block."""


@dataclass(frozen=True)
class Member:
    """One fitted model of the ensemble; ``card`` is its name on the shelf, ``name`` that of the
    candidate."""

    card: str
    settings: Settings
    state: State
    weight: float = 1.0
    name: str = ""

    @property
    def label(self) -> str:
        """What it is called in the journal."""
        return self.name or self.card

    @property
    def view(self) -> str:
        """The recipe that it eats."""
        return MODELS.get(self.card).view


@dataclass(frozen=True)
class Assembled:
    """The serialized graph, its tree nodes, and its outputs by name with their dtype."""

    model: bytes
    tree_nodes: int
    outputs: Mapping[str, str] = field(default_factory=dict)


def assemble(
    task: Task,
    schema: Schema,
    recipes: Mapping[str, Recipe],
    members: Sequence[Member],
    calibrator: tuple[str, Mapping[str, Any]] | None = None,
    threshold: Cut = None,
    extra_outputs: bool = False,
    promise: Mapping[str, Any] | None = None,
) -> Assembled:
    """Raw columns, recipes by view, members, weighted sum, calibrator, decision.

    Outputs: "probability" double [N, classes] and "decision" int64 [N] (class code), or
    "prediction" double [N, 1]; several labels: both [N, labels], the probability of the positive
    class and whether it is decided; several numbers: "prediction" [N, targets]; with ``promise`` (``conformal.fit``) "prediction_set" int64
    [N, classes], or "lower" and "upper" double [N, 1]. ``extra_outputs`` publishes "part.VIEW.PART" and "member.I" too,
    for the parity test. Raises ValueError for a model that cannot become part of a graph.
    """
    from heldout.graph.inputs import declare
    from heldout.graph.tape import Tape

    tape = Tape()
    inputs = computed_onnx(schema, tape, declare(tape, schema.asked()))
    wanted = dict.fromkeys(m.view for m in members)
    parts = {view: recipes[view].to_onnx(tape, inputs) for view in wanted}
    results = [_member(m, task, tape, parts[m.view]) for m in members]
    result = blend_onnx(tape, results, [m.weight for m in members])
    if calibrator is not None:
        result = calibrate.to_onnx(calibrator, tape, result)
    outputs = _publish(task, tape, result, threshold)
    if promise is not None:
        conformal.to_onnx(promise, tape, result, task)
    if extra_outputs:
        outputs |= _publish_extra(task, tape, parts, results)
    return Assembled(tape.build(), tape.tree_nodes, outputs)


def assemble_null(
    task: Task, schema: Schema, prediction: Array, threshold: Cut = None
) -> Assembled:
    """The graph of a null model: the same ``prediction`` (outputs,) for every row."""
    from heldout.graph.inputs import declare
    from heldout.graph.tape import Tape

    tape = Tape()
    inputs = declare(tape, schema.asked())
    if not inputs:
        raise ValueError("a graph needs an input column to know how many rows are asked for")
    rows = tape.op("Shape", next(iter(inputs.values())), start=0, end=1)
    width = tape.const(np.array([task.outputs], dtype=np.int64))
    shape = tape.concat([rows, width], axis=0)
    values = np.asarray(prediction, dtype=np.float64).reshape(1, task.outputs)
    result = tape.op("Expand", tape.const(values), shape)
    outputs = _publish(task, tape, result, threshold)
    return Assembled(tape.build(), 0, outputs)


def _member(member: Member, task: Task, tape: Tape, parts: Mapping[str, str]) -> str:
    card = MODELS.get(member.card)
    if card.to_onnx is None:
        raise ValueError(f"{card.title} is for reference: it cannot become part of a graph")
    return per_target.to_onnx(card, member.state, member.settings, task, tape, parts)


def _publish(task: Task, tape: Tape, result: str, threshold: Cut) -> dict[str, str]:
    if task.is_multilabel:
        tape.output("probability", result, "double", (None, task.outputs))
        limits = tape.const(np.array([thresholds_of(task, threshold)]))
        over = tape.cast(tape.op("GreaterOrEqual", result, limits), "int64")
        tape.output("decision", over, "int64", (None, task.outputs))
        return {"probability": "double", "decision": "int64"}
    if not task.is_classification:
        tape.output("prediction", result, "double", (None, task.outputs))
        return {"prediction": "double"}
    tape.output("probability", result, "double", (None, task.outputs))
    tape.output("decision", decision_onnx(tape, result, task, threshold), "int64", (None,))
    return {"probability": "double", "decision": "int64"}


def decision_onnx(tape: Tape, probability: str, task: Task, threshold: Cut) -> str:
    """Class codes int64 [N]: binary p[positive] >= threshold (0.5), else the largest p, ties to
    the lowest code."""
    if task.outputs != 2:
        return tape.op("ArgMax", probability, axis=1, keepdims=0, select_last_index=0)
    code = task.positive_code
    column = tape.const(np.array(code, dtype=np.int64))
    p = tape.op("Gather", probability, column, axis=1)
    limit = tape.const(np.array(0.5 if threshold is None else threshold, dtype=np.float64))
    yes, no = (tape.const(np.array(c, dtype=np.int64)) for c in (code, 1 - code))
    return tape.op("Where", tape.op("GreaterOrEqual", p, limit), yes, no)


def _publish_extra(
    task: Task, tape: Tape, parts: Mapping[str, Mapping[str, str]], results: Sequence[str]
) -> dict[str, str]:
    outputs = {}
    for view, made in parts.items():
        for part, name in made.items():
            dtype, dims = PARTS[part]
            tape.output(f"part.{view}.{part}", name, dtype, (None,) * dims)
            outputs[f"part.{view}.{part}"] = dtype
    for i, name in enumerate(results):
        tape.output(f"member.{i}", name, "double", (None, task.outputs))
        outputs[f"member.{i}"] = "double"
    return outputs
