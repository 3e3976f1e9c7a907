"""Squares and products of features (PREP-14)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from heldout.core.arrays import Array
from heldout.core.space import Settings
from heldout.primitives.card import Feature, PrimitiveCard, State, Training
from heldout.primitives.pairs import append, append_onnx

if TYPE_CHECKING:
    from heldout.graph.tape import Tape


def fit(columns: Sequence[Array], _training: Training, settings: Settings) -> tuple[State, None]:
    """All pairs among the first ``max_features``, with themselves if ``squares``."""
    width = min(columns[0].shape[1], settings["max_features"])
    own = 0 if settings["squares"] else 1
    return {"pairs": [[i, j] for i in range(width) for j in range(i + own, width)]}, None


def transform(state: State, columns: Sequence[Array]) -> Array:
    """float32 [n, k] to float32 [n, k + pairs]."""
    return append(state, columns, lambda a, b: a * b)


def to_onnx(state: State, tape: Tape, inputs: Sequence[str]) -> str:
    """The same on a tape."""
    return append_onnx(state, tape, inputs, "Mul")


def features(state: State, inputs: Sequence[Feature]) -> list[Feature]:
    """The same features, then the products; a product's origin is its first factor's."""
    made = [(inputs[i], inputs[j]) for i, j in state["pairs"]]
    return [*inputs, *(Feature(f"{a.name} x {b.name}", a.origin) for a, b in made)]


CARD = PrimitiveCard(
    name="polynomial",
    version=1,
    summary="squares and products of features",
    reads=("matrix",),
    fit=fit,
    transform=transform,
    to_onnx=to_onnx,
    features=features,
    defaults={"squares": True, "max_features": 12},
    examples=({}, {"squares": False}, {"max_features": 1}),
)
