"""A 0/1 column for each level (PREP-05, PREP-09, X-025)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from heldout.core.arrays import Array
from heldout.core.space import Settings
from heldout.primitives.card import Feature, PrimitiveCard, State, Training
from heldout.primitives.levels import encode, encode_onnx, learn, name_of

if TYPE_CHECKING:
    from heldout.graph.tape import Tape


def fit(columns: Sequence[Array], _training: Training, settings: Settings) -> tuple[State, None]:
    """The kept levels, and the codes that ``min_count`` training rows have: each gets a column.

    So a level, a gap or a rare level seen in fewer rows says nothing instead of too much.

    ``drop`` leaves out the first column of every category ("first": dummy coding), of those with
    two ("binary"), or none ("none").
    """
    levels, shown = [], []
    for values in columns:
        kept = learn(values, settings["max_levels"], settings["min_count"])
        seen, counts = np.unique(encode(kept, values), return_counts=True)
        codes = seen[counts >= settings["min_count"]].tolist() or seen.tolist() or [0]
        few = settings["drop"] == "binary" and len(codes) == 2
        first = settings["drop"] == "first" and len(codes) > 1
        levels.append(kept)
        shown.append(codes[1:] if few or first else codes)
    return {"levels": levels, "codes": shown}, None


def transform(state: State, columns: Sequence[Array]) -> Array:
    """Texts (n,) each to float32 [n, d] of 0 and 1; a code without a column gives zeros."""
    parts = [
        encode(levels, values)[:, None] == np.array(codes, np.int64)
        for levels, codes, values in zip(state["levels"], state["codes"], columns, strict=True)
    ]
    return np.concatenate(parts, axis=1).astype(np.float32)


def to_onnx(state: State, tape: Tape, inputs: Sequence[str]) -> str:
    """The same on a tape."""
    parts = [
        tape.op("Equal", encode_onnx(levels, tape, x), tape.const([codes], np.int64))
        for levels, codes, x in zip(state["levels"], state["codes"], inputs, strict=True)
    ]
    return tape.cast(tape.concat(parts), "float")


def features(state: State, inputs: Sequence[Feature]) -> list[Feature]:
    """One feature for each shown level."""
    return [
        Feature(f"{f.name} = {name_of(code, levels)}", f.origin)
        for f, levels, codes in zip(inputs, state["levels"], state["codes"], strict=True)
        for code in codes
    ]


CARD = PrimitiveCard(
    name="one_hot",
    version=1,
    summary="a 0/1 column for each level, for missing and for rare",
    reads=("category", "text"),
    fit=fit,
    transform=transform,
    to_onnx=to_onnx,
    features=features,
    defaults={"max_levels": 50, "min_count": 5, "drop": "none"},
    examples=({}, {"drop": "first"}, {"drop": "binary", "min_count": 1}, {"max_levels": 1}),
)
