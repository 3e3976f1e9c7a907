"""Categories as int32 codes for embeddings, of a width that all folds share (joints 2)."""

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
    """``levels`` of the settings (one list a column, from the schema) fix codes and sizes; a
    level that these training rows lack counts as unseen. Without them the training rows say."""
    given = settings["levels"] or [None] * len(columns)
    levels, codes, sizes = [], [], []
    for fixed, values in zip(given, columns, strict=True):
        kept = learn(values, None, settings["min_count"])
        order = {level: FIRST + i for i, level in enumerate(kept if fixed is None else fixed)}
        seen = [level for level in kept if level in order]
        levels.append(seen)
        codes.append([order[level] for level in seen])
        sizes.append(FIRST + len(order))
    return {"levels": levels, "codes": codes, "sizes": sizes}, None


def transform(state: State, columns: Sequence[Array]) -> Array:
    """Texts (n,) each to int32 [n, c]: 0 missing, 1 unseen."""
    made = [
        encode(levels, values, codes)
        for levels, codes, values in zip(state["levels"], state["codes"], columns, strict=True)
    ]
    return np.stack(made, axis=1).astype(np.int32)


def to_onnx(state: State, tape: Tape, inputs: Sequence[str]) -> str:
    """The same on a tape."""
    made = [
        encode_onnx(levels, tape, name, codes)
        for levels, codes, name in zip(state["levels"], state["codes"], inputs, strict=True)
    ]
    return tape.cast(tape.concat(made), "int32")


def features(state: State, inputs: Sequence[Feature]) -> list[Feature]:
    """One feature a column, with its number of codes."""
    return [
        Feature(f.name, f.origin, categorical=True, size=size)
        for f, size in zip(inputs, state["sizes"], strict=True)
    ]


CARD = PrimitiveCard(
    name="codes",
    version=1,
    summary="categories as codes for embeddings; the schema's levels fix the width",
    reads=("category", "text"),
    fit=fit,
    transform=transform,
    to_onnx=to_onnx,
    features=features,
    makes="codes",
    defaults={"levels": [], "min_count": 5},
    examples=({}, {"min_count": 1}),
)
