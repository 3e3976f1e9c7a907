"""How a series changed between two moments of its window: a ratio or a difference of lags."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from heldout.core.arrays import Array
from heldout.core.space import Settings
from heldout.primitives.card import Feature, PrimitiveCard, State, Training

if TYPE_CHECKING:
    from heldout.graph.tape import Tape

NAN = np.float32("nan")
SIGNS = {"ratio": ("Div", "/"), "difference": ("Sub", "-")}


def fit(columns: Sequence[Array], _training: Training, settings: Settings) -> tuple[State, None]:
    """Nothing is learned: ``pairs`` of places (newer, older), without them each column and the
    next; ``how`` "ratio" or "difference"."""
    pairs = settings["pairs"] or [[j, j + 1] for j in range(len(columns) - 1)]
    if settings["how"] not in SIGNS:
        raise ValueError(f"a change is a ratio or a difference, not {settings['how']!r}")
    return {"pairs": [list(pair) for pair in pairs], "how": settings["how"]}, None


def transform(state: State, columns: Sequence[Array]) -> Array:
    """float64 (n,) each to float32 [n, pairs]; worked out in double, what is not finite in
    float32 becomes NaN."""
    newer, older = (np.stack([columns[p[i]] for p in state["pairs"]], axis=1) for i in (0, 1))
    with np.errstate(all="ignore"):
        change = newer / older if state["how"] == "ratio" else newer - older
        made = change.astype(np.float32)
    made[~np.isfinite(made)] = NAN
    return np.asarray(made)


def to_onnx(state: State, tape: Tape, inputs: Sequence[str]) -> str:
    """The same on a tape."""
    newer, older = (tape.concat([inputs[p[i]] for p in state["pairs"]]) for i in (0, 1))
    made = tape.cast(tape.op(SIGNS[state["how"]][0], newer, older), "float")
    bad = tape.op("Or", tape.op("IsInf", made), tape.op("IsNaN", made))
    return tape.op("Where", bad, tape.const(NAN), made)


def features(state: State, inputs: Sequence[Feature]) -> list[Feature]:
    """One a pair; its origin is the newer column."""
    sign = SIGNS[state["how"]][1]
    pairs = [(inputs[i], inputs[j]) for i, j in state["pairs"]]
    return [Feature(f"{a.name} {sign} {b.name}", a.origin) for a, b in pairs]


CARD = PrimitiveCard(
    name="change",
    version=1,
    summary="ratio or difference of two lags",
    reads=("number",),
    fit=fit,
    transform=transform,
    to_onnx=to_onnx,
    features=features,
    defaults={"pairs": [], "how": "ratio"},
    examples=({}, {"how": "difference"}, {"pairs": [[0, 1], [1, 0], [0, 0]]}),
)
