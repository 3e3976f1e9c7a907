"""Keep the features that say something about the target (PREP-16); fitted inside each fold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from heldout.core.arrays import Array
from heldout.core.space import Settings
from heldout.primitives.card import Feature, PrimitiveCard, State, Training
from heldout.primitives.usefulness import usefulness

if TYPE_CHECKING:
    from heldout.graph.tape import Tape


def fit(columns: Sequence[Array], training: Training, settings: Settings) -> tuple[State, None]:
    """The places of features whose usefulness passes ``threshold``, the best ``max_features`` of
    them, in their old order; the best one always stays."""
    matrix = columns[0]
    y = np.zeros(len(matrix)) if training.y is None else training.y
    scores = usefulness(matrix, y, int(settings["classes"]))
    order = np.argsort(-scores, kind="stable")
    passed = order[scores[order] >= settings["threshold"]][: settings["max_features"]]
    kept = passed if len(passed) else order[:1]
    return {"kept": np.sort(kept).tolist()}, None


def transform(state: State, columns: Sequence[Array]) -> Array:
    """float32 [n, k] to float32 [n, kept]."""
    return columns[0][:, state["kept"]]


def to_onnx(state: State, tape: Tape, inputs: Sequence[str]) -> str:
    """The same on a tape."""
    return tape.op("Gather", inputs[0], tape.const(state["kept"], np.int64), axis=1)


def features(state: State, inputs: Sequence[Feature]) -> list[Feature]:
    """The kept features."""
    return [inputs[j] for j in state["kept"]]


CARD = PrimitiveCard(
    name="select",
    version=1,
    summary="the features that say more about the target than noise would",
    reads=("matrix",),
    fit=fit,
    transform=transform,
    to_onnx=to_onnx,
    features=features,
    defaults={"classes": 0, "threshold": 4.0, "max_features": None},
    examples=({}, {"classes": 2, "threshold": 0.0, "max_features": 1}),
)
