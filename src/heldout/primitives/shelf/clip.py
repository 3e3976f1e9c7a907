"""Cut at both ends, so that no single cell can carry a linear model or a network away."""

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
    return {"limit": float(settings["limit"])}, None


def transform(state: State, columns: Sequence[Array]) -> Array:
    """float32 [n, k] within -limit and limit; what is missing stays missing."""
    limit = np.float32(state["limit"])
    values = np.where(columns[0] > limit, limit, columns[0])
    return np.where(values < -limit, -limit, values)


def to_onnx(state: State, tape: Tape, inputs: Sequence[str]) -> str:
    """The same on a tape; Clip leaves open what becomes of NaN, a choice does not."""
    limit = np.float32(state["limit"])
    top, bottom = tape.const(limit), tape.const(-limit)
    values = tape.op("Where", tape.op("Greater", inputs[0], top), top, inputs[0])
    return tape.op("Where", tape.op("Less", values, bottom), bottom, values)


def features(_state: State, inputs: Sequence[Feature]) -> list[Feature]:
    """The same features."""
    return list(inputs)


CARD = PrimitiveCard(
    name="clip",
    version=1,
    summary="values beyond the limit become the limit",
    reads=("matrix",),
    fit=fit,
    transform=transform,
    to_onnx=to_onnx,
    features=features,
    defaults={"limit": 8.0},
    examples=({}, {"limit": 0.1}),
)
