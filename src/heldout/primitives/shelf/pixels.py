"""Pictures as they are, for networks that look at them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from heldout.core.arrays import Array
from heldout.core.space import Settings
from heldout.primitives.card import Feature, PrimitiveCard, State, Training

if TYPE_CHECKING:
    from heldout.graph.tape import Tape


def fit(columns: Sequence[Array], _training: Training, _settings: Settings) -> tuple[State, None]:
    """Remembers how many there are: several pictures a row stand one below the other."""
    return {"columns": len(columns)}, None


def transform(_state: State, columns: Sequence[Array]) -> Array:
    """uint8 [n, h, w, 3] each to uint8 [n, columns * h, w, 3]."""
    return np.concatenate(columns, axis=1)


def to_onnx(_state: State, tape: Tape, inputs: Sequence[str]) -> str:
    """The same on a tape."""
    return tape.concat(inputs)


def features(_state: State, inputs: Sequence[Feature]) -> list[Feature]:
    """One a picture."""
    return [Feature(f.name, f.origin) for f in inputs]


CARD = PrimitiveCard(
    name="pixels",
    version=1,
    summary="the picture itself, 8 bits a color",
    reads=("image",),
    fit=fit,
    transform=transform,
    to_onnx=to_onnx,
    features=features,
    makes="image",
)
