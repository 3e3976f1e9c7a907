"""(x - shift) / scale by column, in float64: what standardize, min_max and robust_scale share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.primitives.card import Feature, State

if TYPE_CHECKING:
    from heldout.graph.tape import Tape

LARGEST = float(np.finfo(np.float32).max)


def range_of(matrix: Array) -> tuple[Doubles, Doubles]:
    """Smallest and largest of each column as float64; 0 and 0 where nothing is known."""
    empty = np.isnan(matrix).all(axis=0)
    low = np.where(empty, 0.0, np.fmin.reduce(matrix, axis=0, initial=np.inf))
    high = np.where(empty, 0.0, np.fmax.reduce(matrix, axis=0, initial=-np.inf))
    return low.astype(np.float64), high.astype(np.float64)


def transform(state: State, columns: Sequence[Array]) -> Array:
    """float32 [n, k] to float32 [n, k]; what is missing stays missing, constant columns are 0."""
    scaled = (columns[0].astype(np.float64) - state["shift"]) / state["scale"]
    scaled = np.where(scaled > LARGEST, LARGEST, scaled)
    scaled = np.where(scaled < -LARGEST, -LARGEST, scaled)
    with np.errstate(under="ignore"):
        values = scaled.astype(np.float32)
    values[:, state["constant"]] = 0.0
    return values


def to_onnx(state: State, tape: Tape, inputs: Sequence[str]) -> str:
    """The same on a tape."""
    shifted = tape.op(
        "Sub", tape.cast(inputs[0], "double"), tape.const([state["shift"]], np.float64)
    )
    scaled = tape.op("Div", shifted, tape.const([state["scale"]], np.float64))
    top, bottom = tape.const(np.float64(LARGEST)), tape.const(np.float64(-LARGEST))
    scaled = tape.op("Where", tape.op("Greater", scaled, top), top, scaled)
    scaled = tape.op("Where", tape.op("Less", scaled, bottom), bottom, scaled)
    values = tape.cast(scaled, "float")
    if not state["constant"]:
        return values
    constant = np.zeros((1, len(state["shift"])), bool)
    constant[0, state["constant"]] = True
    return tape.op("Where", tape.const(constant), tape.const(np.float32(0)), values)


def features(_state: State, inputs: Sequence[Feature]) -> list[Feature]:
    """The same features."""
    return list(inputs)
