"""x / sqrt(1 + (x / 3)^2): nearly x around 0, never beyond 3 (Holzmüller et al. 2024)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from heldout.core.arrays import Array
from heldout.core.space import Settings
from heldout.primitives.card import Feature, PrimitiveCard, State, Training

if TYPE_CHECKING:
    from heldout.graph.tape import Tape


def fit(_columns: Sequence[Array], _training: Training, settings: Settings) -> tuple[State, None]:
    """Nothing is learned."""
    return {"suffix": str(settings["suffix"])}, None


def transform(_state: State, columns: Sequence[Array]) -> Array:
    """float32 [n, k] to float32 [n, k], worked out in float64, where no square overflows."""
    x = columns[0].astype(np.float64)
    third = x / 3.0
    values: Array = x / np.sqrt(1.0 + third * third)
    with np.errstate(under="ignore"):
        return values.astype(np.float32)


def to_onnx(_state: State, tape: Tape, inputs: Sequence[str]) -> str:
    """The same on a tape; the square root is exactly rounded in both."""
    x = tape.cast(inputs[0], "double")
    third = tape.op("Div", x, tape.const(np.float64(3)))
    under = tape.op("Add", tape.const(np.float64(1)), tape.op("Mul", third, third))
    return tape.cast(tape.op("Div", x, tape.op("Sqrt", under)), "float")


def features(state: State, inputs: Sequence[Feature]) -> list[Feature]:
    """The same features; the suffix tells them from others of the same columns."""
    return [Feature(f.name + state["suffix"], f.origin) for f in inputs]


CARD = PrimitiveCard(
    name="smooth_clip",
    version=1,
    summary="nearly the same around 0, bent so that nothing leaves -3 to 3",
    reads=("matrix",),
    fit=fit,
    transform=transform,
    to_onnx=to_onnx,
    features=features,
    defaults={"suffix": ""},
    source="Holzmüller et al. 2024",
)
