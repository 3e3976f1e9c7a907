"""Features made from two others, in float64: what ratio and polynomial share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.primitives.card import State

if TYPE_CHECKING:
    from heldout.graph.tape import Tape

NAN = np.float32("nan")


def append(
    state: State, columns: Sequence[Array], combine: Callable[[Doubles, Doubles], Doubles]
) -> Array:
    """The matrix with one more column for each pair; results beyond float32 are missing."""
    matrix = columns[0]
    if not state["pairs"]:
        return matrix
    left, right = np.array(state["pairs"]).T
    with np.errstate(all="ignore"):
        made = combine(matrix[:, left].astype(np.float64), matrix[:, right].astype(np.float64))
        made = made.astype(np.float32)
    made[np.isinf(made)] = NAN
    return np.concatenate([matrix, made], axis=1)


def append_onnx(state: State, tape: Tape, inputs: Sequence[str], combine: str) -> str:
    """The same on a tape; ``combine`` is the operator."""
    if not state["pairs"]:
        return inputs[0]
    wide = tape.cast(inputs[0], "double")
    sides = [
        tape.op("Gather", wide, tape.const(list(side), np.int64), axis=1)
        for side in zip(*state["pairs"], strict=True)
    ]
    made = tape.cast(tape.op(combine, *sides), "float")
    made = tape.op("Where", tape.op("IsInf", made), tape.const(NAN), made)
    return tape.concat([inputs[0], made])
