"""Numbers and booleans as float32; what float32 cannot hold is missing (contract 5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from heldout.core.arrays import Array
from heldout.core.space import Settings
from heldout.primitives.card import Feature, PrimitiveCard, State, Training

if TYPE_CHECKING:
    from heldout.graph.tape import Tape

NAN = np.float32("nan")


def fit(columns: Sequence[Array], _training: Training, _settings: Settings) -> tuple[State, None]:
    """Nothing is learned."""
    return {"columns": len(columns)}, None


def transform(_state: State, columns: Sequence[Array]) -> Array:
    """float64 (n,) each to float32 [n, k]; infinities and numbers beyond float32 become NaN."""
    with np.errstate(over="ignore", under="ignore"):
        values = np.stack(columns, axis=1).astype(np.float32)
    values[np.isinf(values)] = NAN
    return values


def to_onnx(_state: State, tape: Tape, inputs: Sequence[str]) -> str:
    """double [N, 1] each to float [N, k]."""
    values = tape.cast(tape.concat(inputs), "float")
    return tape.op("Where", tape.op("IsInf", values), tape.const(NAN), values)


def features(_state: State, inputs: Sequence[Feature]) -> list[Feature]:
    """One feature a column, under its name."""
    return list(inputs)


CARD = PrimitiveCard(
    name="number",
    version=1,
    summary="numbers and booleans as float32; infinite or too large means missing",
    reads=("number", "boolean"),
    fit=fit,
    transform=transform,
    to_onnx=to_onnx,
    features=features,
)
