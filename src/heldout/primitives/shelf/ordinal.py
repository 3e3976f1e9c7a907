"""Categories as whole numbers in one float32 column each, for trees (PREP-05, PREP-09)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from heldout.core.arrays import Array
from heldout.core.space import Settings
from heldout.primitives.card import Feature, PrimitiveCard, State, Training
from heldout.primitives.levels import FIRST, encode, encode_onnx, learn

if TYPE_CHECKING:
    from heldout.graph.tape import Tape


def fit(columns: Sequence[Array], _training: Training, settings: Settings) -> tuple[State, None]:
    """The kept levels of each column."""
    most, least = settings["max_levels"], settings["min_count"]
    return {"levels": [learn(values, most, least) for values in columns]}, None


def transform(state: State, columns: Sequence[Array]) -> Array:
    """Texts (n,) each to float32 [n, k]: 0 missing, 1 not kept or unseen, then the levels."""
    codes = [encode(levels, v) for levels, v in zip(state["levels"], columns, strict=True)]
    return np.stack(codes, axis=1).astype(np.float32)


def to_onnx(state: State, tape: Tape, inputs: Sequence[str]) -> str:
    """The same on a tape."""
    codes = [
        encode_onnx(levels, tape, x) for levels, x in zip(state["levels"], inputs, strict=True)
    ]
    return tape.cast(tape.concat(codes), "float")


def features(state: State, inputs: Sequence[Feature]) -> list[Feature]:
    """One categorical feature a column."""
    return [
        Feature(f.name, f.origin, categorical=True, size=FIRST + len(levels))
        for f, levels in zip(inputs, state["levels"], strict=True)
    ]


CARD = PrimitiveCard(
    name="ordinal",
    version=1,
    summary="categories as whole numbers; missing and unseen have their own",
    reads=("category", "text"),
    fit=fit,
    transform=transform,
    to_onnx=to_onnx,
    features=features,
    defaults={"max_levels": 254, "min_count": 5},
    examples=({}, {"min_count": 1}, {"max_levels": 2}),
)
