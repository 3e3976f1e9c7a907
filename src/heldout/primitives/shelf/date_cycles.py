"""Month, weekday and hour as points on a circle, so that 23:00 lies beside 0:00 (X-027).

Sine and cosine differ between runtimes, so the graph looks them up in a table (joints 3).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from heldout.core.arrays import Array
from heldout.core.space import Settings
from heldout.primitives.calendar import whole_parts, whole_parts_onnx
from heldout.primitives.card import Feature, PrimitiveCard, State, Training
from heldout.tables.schema import NULL_DATE

if TYPE_CHECKING:
    from heldout.graph.tape import Tape

CYCLES = {"month": (12, 1), "weekday": (7, 0), "hour": (24, 0)}  # length, first value


def circle(length: int) -> list[list[float]]:
    """Sine and cosine of each step, rounded to float32, then the centre for a missing date.

    >>> table = np.array(circle(24))
    >>> round(float(np.hypot(*(table[23] - table[0]))), 6), float(np.hypot(*(table[0] - table[12])))
    (0.261052, 2.0)
    """
    angles = [2 * math.pi * step / length for step in range(length)]
    table = [[math.sin(a), math.cos(a)] for a in angles]
    return [[float(np.float32(x)) for x in pair] for pair in [*table, [0.0, 0.0]]]


def fit(columns: Sequence[Array], _training: Training, settings: Settings) -> tuple[State, None]:
    """For each column the cycles whose part differs between training rows; at least one."""
    kept = []
    for moments in columns:
        parts = whole_parts(moments[moments != NULL_DATE])
        varied = [p for p in settings["parts"] if len(np.unique(parts[p])) > 1]
        kept.append(varied or list(settings["parts"][:1]))
    used = sorted({part for parts in kept for part in parts})
    return {"parts": kept, "tables": {part: circle(CYCLES[part][0]) for part in used}}, None


def transform(state: State, columns: Sequence[Array]) -> Array:
    """int64 microseconds (n,) each to float32 [n, 2 x cycles]; a missing date is the centre."""
    made = []
    for parts, moments in zip(state["parts"], columns, strict=True):
        missing = moments == NULL_DATE
        values = whole_parts(moments)
        for part in parts:
            length, first = CYCLES[part]
            step = np.where(missing, length, values[part] - first)
            made.append(np.array(state["tables"][part], np.float32)[step])
    return np.concatenate(made, axis=1)


def to_onnx(state: State, tape: Tape, inputs: Sequence[str]) -> str:
    """The same on a tape."""
    axis = tape.const([1], np.int64)
    made = []
    for parts, name in zip(state["parts"], inputs, strict=True):
        missing, makers = whole_parts_onnx(tape, name)
        for part in parts:
            length, first = CYCLES[part]
            step = tape.op("Sub", makers[part](), tape.const(np.int64(first)))
            step = tape.op("Where", missing, tape.const(np.int64(length)), step)
            table = tape.const(state["tables"][part], np.float32)
            made.append(tape.op("Gather", table, tape.op("Squeeze", step, axis), axis=0))
    return tape.concat(made)


def features(state: State, inputs: Sequence[Feature]) -> list[Feature]:
    """Two features a cycle."""
    return [
        Feature(f"{f.name} {part} {way}", f.origin)
        for f, parts in zip(inputs, state["parts"], strict=True)
        for part in parts
        for way in ("sine", "cosine")
    ]


CARD = PrimitiveCard(
    name="date_cycles",
    version=1,
    summary="month, weekday and hour as points on a circle",
    reads=("date",),
    fit=fit,
    transform=transform,
    to_onnx=to_onnx,
    features=features,
    defaults={"parts": ["month", "weekday", "hour"]},
    examples=({}, {"parts": ["hour"]}),
)
