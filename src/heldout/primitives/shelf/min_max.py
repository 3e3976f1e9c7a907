"""The range of the training rows becomes 0 to 1 (PREP-03)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from heldout.core.arrays import Array
from heldout.core.space import Settings
from heldout.primitives.card import PrimitiveCard, State, Training
from heldout.primitives.linear_scale import features, range_of, to_onnx, transform


def fit(columns: Sequence[Array], _training: Training, _settings: Settings) -> tuple[State, None]:
    """Smallest value and span of each column."""
    low, high = range_of(columns[0])
    constant = low == high
    return {
        "shift": low.tolist(),
        "scale": np.where(constant, 1.0, high - low).tolist(),
        "constant": np.flatnonzero(constant).tolist(),
    }, None


CARD = PrimitiveCard(
    name="min_max",
    version=1,
    summary="the training range becomes 0 to 1; new values may lie outside",
    reads=("matrix",),
    fit=fit,
    transform=transform,
    to_onnx=to_onnx,
    features=features,
)
