"""One feature divided by another (PREP-14); a division by zero is missing."""

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
    """The ``pairs`` of the settings, numerator and denominator by place; without them each
    feature over the next one."""
    width = columns[0].shape[1]
    pairs = settings["pairs"] or [[j, j + 1] for j in range(width - 1)]
    return {"pairs": [list(pair) for pair in pairs]}, None


def transform(state: State, columns: Sequence[Array]) -> Array:
    """float32 [n, k] to float32 [n, k + pairs]."""
    return append(state, columns, lambda a, b: a / b)


def to_onnx(state: State, tape: Tape, inputs: Sequence[str]) -> str:
    """The same on a tape."""
    return append_onnx(state, tape, inputs, "Div")


def features(state: State, inputs: Sequence[Feature]) -> list[Feature]:
    """The same features, then the ratios; a ratio's origin is its numerator's."""
    made = [(inputs[i], inputs[j]) for i, j in state["pairs"]]
    return [*inputs, *(Feature(f"{a.name} / {b.name}", a.origin) for a, b in made)]


CARD = PrimitiveCard(
    name="ratio",
    version=1,
    summary="one feature divided by another",
    reads=("matrix",),
    fit=fit,
    transform=transform,
    to_onnx=to_onnx,
    features=features,
    defaults={"pairs": []},
    examples=({}, {"pairs": [[0, 0], [0, 1], [1, 0]]}),
)
