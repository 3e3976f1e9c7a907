"""Pictures as a few numbers: the mean color of each cell of a coarse grid, and of the whole.

What trees and linear models can make of a picture; the honest baseline of a network.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from heldout.core.arrays import Array
from heldout.core.space import Settings
from heldout.primitives.card import Feature, PrimitiveCard, State, Training

if TYPE_CHECKING:
    from heldout.graph.tape import Tape

COLORS = ("red", "green", "blue")


def fit(columns: Sequence[Array], _training: Training, settings: Settings) -> tuple[State, None]:
    """Nothing is learned but the size of the pictures, which must be whole cells."""
    sizes = [list(values.shape[1:3]) for values in columns]
    grid = int(settings["grid"])
    if any(side % grid for size in sizes for side in size):
        raise ValueError(f"pictures of {sizes} do not part into {grid} x {grid} cells")
    return {"grid": grid, "sizes": sizes}, None


def transform(state: State, columns: Sequence[Array]) -> Array:
    """uint8 [n, h, w, 3] each to float32 [n, grid * grid * 3]: sums of whole numbers, divided."""
    grid, made = state["grid"], []
    for values, (height, width) in zip(columns, state["sizes"], strict=True):
        cells = values.reshape(len(values), grid, height // grid, grid, width // grid, 3)
        total = cells.sum(axis=(2, 4), dtype=np.int64).astype(np.float32)
        area = np.float32(height // grid * (width // grid))
        made.append((total / area).reshape(len(values), grid * grid * 3))
    return np.concatenate(made, axis=1)


def to_onnx(state: State, tape: Tape, inputs: Sequence[str]) -> str:
    """The same on a tape; the sums are of int64, which have no order."""
    grid, made = state["grid"], []
    for name, (height, width) in zip(inputs, state["sizes"], strict=True):
        shape = np.array([0, grid, height // grid, grid, width // grid, 3], np.int64)
        cells = tape.op("Reshape", tape.cast(name, "int64"), tape.const(shape))
        axes = tape.const(np.array([2, 4], np.int64))
        total = tape.cast(tape.op("ReduceSum", cells, axes, keepdims=0), "float")
        area = np.float32(height // grid * (width // grid))
        flat = tape.const(np.array([0, grid * grid * 3], np.int64))
        made.append(tape.op("Reshape", tape.op("Div", total, tape.const(area)), flat))
    return tape.concat(made)


def features(state: State, inputs: Sequence[Feature]) -> list[Feature]:
    """Named by row and column of the cell, from the top left."""
    grid = state["grid"]
    return [
        Feature(f"{f.name} {color} {y + 1},{x + 1}", f.origin)
        for f in inputs
        for y in range(grid)
        for x in range(grid)
        for color in COLORS
    ]


CARD = PrimitiveCard(
    name="thumbnail",
    version=1,
    summary="mean colors on a coarse grid",
    reads=("image",),
    fit=fit,
    transform=transform,
    to_onnx=to_onnx,
    features=features,
    defaults={"grid": 8},
    examples=({}, {"grid": 1}, {"grid": 4}),
)
