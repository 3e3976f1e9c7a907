"""A category as the share of training rows that have its level."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from heldout.core.arrays import Array
from heldout.core.space import Settings
from heldout.primitives.card import Feature, PrimitiveCard, State, Training
from heldout.primitives.levels import encode, encode_onnx, learn
from heldout.tables.schema import NULL

if TYPE_CHECKING:
    from heldout.graph.tape import Tape


def fit(columns: Sequence[Array], _training: Training, settings: Settings) -> tuple[State, None]:
    """The shares of missing, of what is not kept (0) and of each kept level."""
    levels, shares = [], []
    for values in columns:
        kept = learn(values, None, settings["min_count"])
        counts = Counter(values.tolist())
        found = np.array([counts[NULL], 0, *(counts[level] for level in kept)], np.float64)
        levels.append(kept)
        shares.append((found / max(len(values), 1)).astype(np.float32).tolist())
    return {"levels": levels, "shares": shares}, None


def transform(state: State, columns: Sequence[Array]) -> Array:
    """Texts (n,) each to float32 [n, k]; a level that training lacked has share 0."""
    made = [
        np.array(shares, np.float32)[encode(levels, values)]
        for levels, shares, values in zip(state["levels"], state["shares"], columns, strict=True)
    ]
    return np.stack(made, axis=1)


def to_onnx(state: State, tape: Tape, inputs: Sequence[str]) -> str:
    """The same on a tape."""
    made = []
    for levels, shares, name in zip(state["levels"], state["shares"], inputs, strict=True):
        codes = encode_onnx(levels, tape, name)
        made.append(tape.op("Gather", tape.const(shares, np.float32), codes, axis=0))
    return tape.concat(made)


def features(_state: State, inputs: Sequence[Feature]) -> list[Feature]:
    """One feature a column."""
    return [Feature(f"{f.name} frequency", f.origin) for f in inputs]


CARD = PrimitiveCard(
    name="frequency",
    version=1,
    summary="the share of training rows with the same level",
    reads=("category", "text"),
    fit=fit,
    transform=transform,
    to_onnx=to_onnx,
    features=features,
    defaults={"min_count": 5},
    examples=({}, {"min_count": 1}),
)
