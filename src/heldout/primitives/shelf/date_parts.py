"""Year, month, day, weekday, hour, minute and days since 1970 of a date (PREP-14)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from heldout.core.arrays import Array
from heldout.core.space import Settings
from heldout.primitives.calendar import PARTS, number_onnx, numbers
from heldout.primitives.card import Feature, PrimitiveCard, State, Training

if TYPE_CHECKING:
    from heldout.graph.tape import Tape


def fit(columns: Sequence[Array], _training: Training, settings: Settings) -> tuple[State, None]:
    """For each column the parts that differ between training rows; "days" always."""
    kept = []
    for moments in columns:
        parts = numbers(moments)
        varied = {p for p in PARTS if len(np.unique(parts[p][~np.isnan(parts[p])])) > 1}
        wanted = [p for p in settings["parts"] if p in varied or p == "days"]
        kept.append(wanted or ["days"])
    return {"parts": kept}, None


def transform(state: State, columns: Sequence[Array]) -> Array:
    """int64 microseconds (n,) each to float32 [n, d]; a missing date is missing in every part."""
    made = []
    for parts, moments in zip(state["parts"], columns, strict=True):
        values = numbers(moments)
        made += [values[p] for p in parts]
    return np.stack(made, axis=1)


def to_onnx(state: State, tape: Tape, inputs: Sequence[str]) -> str:
    """The same on a tape."""
    return tape.concat(
        [
            number_onnx(tape, name, part)
            for parts, name in zip(state["parts"], inputs, strict=True)
            for part in parts
        ]
    )


def features(state: State, inputs: Sequence[Feature]) -> list[Feature]:
    """One feature for each kept part."""
    return [
        Feature(f"{f.name} {part}", f.origin)
        for f, parts in zip(inputs, state["parts"], strict=True)
        for part in parts
    ]


CARD = PrimitiveCard(
    name="date_parts",
    version=1,
    summary="year, month, day, weekday, hour, minute, days since 1970",
    reads=("date",),
    fit=fit,
    transform=transform,
    to_onnx=to_onnx,
    features=features,
    defaults={"parts": list(PARTS)},
    examples=({}, {"parts": ["hour", "weekday"]}),
)
