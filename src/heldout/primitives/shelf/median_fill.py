"""Missing numbers become the median of the training rows, with an indicator (PREP-06, X-024)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from heldout.core.arrays import Array
from heldout.core.space import Settings
from heldout.primitives.card import Feature, PrimitiveCard, State, Training

if TYPE_CHECKING:
    from heldout.graph.tape import Tape


def fit(columns: Sequence[Array], _training: Training, settings: Settings) -> tuple[State, None]:
    """Medians, and which columns have ``min_gaps`` gaps in training: those get an indicator.

    Of fewer, a model would learn what befell one or two rows, and be certain of it: measured on
    penguins, one row without measurements raised the log loss from 0.02 to 0.15.
    """
    matrix = columns[0]
    gaps = np.isnan(matrix)
    medians = []
    for j in range(matrix.shape[1]):
        known = matrix[~gaps[:, j], j].astype(np.float64)
        medians.append(float(np.float32(np.median(known))) if len(known) else 0.0)
    marked = np.flatnonzero(gaps.sum(axis=0) >= settings["min_gaps"]).tolist()
    marked = marked if settings["indicator"] else []
    return {"medians": medians, "indicators": marked}, None


def transform(state: State, columns: Sequence[Array]) -> Array:
    """float32 [n, k] to float32 [n, k + indicators]."""
    matrix = columns[0]
    gaps = np.isnan(matrix)
    filled = np.where(gaps, np.array(state["medians"], np.float32), matrix)
    if not state["indicators"]:
        return filled
    return np.concatenate([filled, gaps[:, state["indicators"]].astype(np.float32)], axis=1)


def to_onnx(state: State, tape: Tape, inputs: Sequence[str]) -> str:
    """The same on a tape."""
    gaps = tape.op("IsNaN", inputs[0])
    filled = tape.op("Where", gaps, tape.const([state["medians"]], np.float32), inputs[0])
    if not state["indicators"]:
        return filled
    marked = tape.op("Gather", gaps, tape.const(state["indicators"], np.int64), axis=1)
    return tape.concat([filled, tape.cast(marked, "float")])


def features(state: State, inputs: Sequence[Feature]) -> list[Feature]:
    """The same features, then the indicators."""
    marked = [inputs[j] for j in state["indicators"]]
    return [*inputs, *(Feature(f"{f.name} missing", f.origin) for f in marked)]


CARD = PrimitiveCard(
    name="median_fill",
    version=1,
    summary="missing numbers become the training median; an indicator says where",
    reads=("matrix",),
    fit=fit,
    transform=transform,
    to_onnx=to_onnx,
    features=features,
    defaults={"indicator": True, "min_gaps": 5},
    examples=({}, {"indicator": False}, {"min_gaps": 1}),
)
