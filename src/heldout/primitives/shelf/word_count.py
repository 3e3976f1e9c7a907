"""How many words a text has (PREP-14); a missing text has none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from heldout.core.arrays import Array
from heldout.core.space import Settings
from heldout.primitives.card import Feature, PrimitiveCard, State, Training
from heldout.tables.schema import NULL

if TYPE_CHECKING:
    from heldout.graph.tape import Tape


def fit(_columns: Sequence[Array], _training: Training, _settings: Settings) -> tuple[State, None]:
    """Nothing is learned."""
    return {}, None


def transform(_state: State, columns: Sequence[Array]) -> Array:
    """Texts (n,) each to float32 [n, columns]: one more than its spaces."""
    made = [[0 if t in ("", NULL) else t.count(" ") + 1 for t in v.tolist()] for v in columns]
    return np.array(made, dtype=np.float32).reshape(len(columns), -1).T


def to_onnx(_state: State, tape: Tape, inputs: Sequence[str]) -> str:
    """The same on a tape."""
    made = []
    for name in inputs:
        _, counts = tape.ops("StringSplit", name, outputs=2, delimiter=" ")
        missing = tape.op("Equal", name, tape.const(np.array([[NULL]], object)))
        made.append(tape.op("Where", missing, tape.const(np.int64(0)), counts))
    return tape.cast(tape.concat(made), "float")


def features(_state: State, inputs: Sequence[Feature]) -> list[Feature]:
    """One feature a text."""
    return [Feature(f"words of {f.name}", f.origin) for f in inputs]


CARD = PrimitiveCard(
    name="word_count",
    version=1,
    summary="how many words a text has",
    reads=("text", "category"),
    fit=fit,
    transform=transform,
    to_onnx=to_onnx,
    features=features,
)
