"""A 0/1 column for each combination of two categories that occurs often enough (PREP-18, X-029).

A tree or a network can find combinations by itself; a linear model cannot.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from heldout.core.arrays import Array, Ints
from heldout.core.space import Settings
from heldout.primitives.card import Feature, PrimitiveCard, State, Training
from heldout.primitives.levels import FIRST, encode, encode_onnx, learn, name_of

if TYPE_CHECKING:
    from heldout.graph.tape import Tape


def fit(columns: Sequence[Array], _training: Training, settings: Settings) -> tuple[State, None]:
    """The kept levels of each column, and for each pair of columns the combinations with at
    least ``min_count`` training rows, the commonest ``max_levels`` of them."""
    levels = [learn(values, None, settings["min_count"]) for values in columns]
    codes = [encode(kept, values) for kept, values in zip(levels, columns, strict=True)]
    crosses = []
    for i, j in combinations(range(len(columns)), 2):
        both, counts = np.unique(_cross(levels, codes, i, j), return_counts=True)
        both, counts = (
            both[counts >= settings["min_count"]],
            counts[counts >= settings["min_count"]],
        )
        often = both[np.argsort(-counts, kind="stable")][: settings["max_levels"]]
        crosses.append({"pair": [i, j], "codes": np.sort(often).tolist()})
    return {"levels": levels, "crosses": [c for c in crosses if c["codes"]]}, None


def _cross(levels: Sequence[Sequence[str]], codes: Sequence[Ints], i: int, j: int) -> Ints:
    crossed: Ints = codes[i] * (FIRST + len(levels[j])) + codes[j]
    return crossed


def transform(state: State, columns: Sequence[Array]) -> Array:
    """Texts (n,) each to float32 [n, d] of 0 and 1."""
    levels = state["levels"]
    codes = [encode(kept, values) for kept, values in zip(levels, columns, strict=True)]
    made = [
        _cross(levels, codes, *cross["pair"])[:, None] == np.array(cross["codes"], np.int64)
        for cross in state["crosses"]
    ]
    none = np.zeros((len(columns[0]), 0), bool)
    return np.concatenate([none, *made], axis=1).astype(np.float32)


def to_onnx(state: State, tape: Tape, inputs: Sequence[str]) -> str:
    """The same on a tape."""
    levels = state["levels"]
    codes = [encode_onnx(kept, tape, name) for kept, name in zip(levels, inputs, strict=True)]
    made = []
    for cross in state["crosses"]:
        i, j = cross["pair"]
        size = tape.const(np.int64(FIRST + len(levels[j])))
        crossed = tape.op("Add", tape.op("Mul", codes[i], size), codes[j])
        made.append(tape.op("Equal", crossed, tape.const([cross["codes"]], np.int64)))
    if not made:
        nothing = tape.const(np.zeros((1, 0), np.int64))
        made.append(tape.op("Equal", codes[0], nothing))
    return tape.cast(tape.concat(made), "float")


def features(state: State, inputs: Sequence[Feature]) -> list[Feature]:
    """One feature a combination; its origin is the first column's."""
    made = []
    for cross in state["crosses"]:
        i, j = cross["pair"]
        left, right = state["levels"][i], state["levels"][j]
        for code in cross["codes"]:
            a, b = divmod(code, FIRST + len(right))
            name = f"{inputs[i].name} = {name_of(a, left)} x {inputs[j].name} = {name_of(b, right)}"
            made.append(Feature(name, inputs[i].origin))
    return made


CARD = PrimitiveCard(
    name="cross",
    version=1,
    summary="a 0/1 column for each combination of two categories",
    reads=("category",),
    fit=fit,
    transform=transform,
    to_onnx=to_onnx,
    features=features,
    defaults={"max_levels": 500, "min_count": 5},
    examples=({}, {"min_count": 1}, {"max_levels": 2}),
)
