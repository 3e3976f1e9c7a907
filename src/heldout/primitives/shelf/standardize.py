"""Mean 0 and standard deviation 1, by the training rows (PREP-02, X-020, X-021, X-022)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from heldout.core.arrays import Array
from heldout.core.space import Settings
from heldout.primitives.card import PrimitiveCard, State, Training
from heldout.primitives.linear_scale import features, range_of, to_onnx, transform

if TYPE_CHECKING:
    from heldout.core.arrays import Doubles


def fit(columns: Sequence[Array], _training: Training, _settings: Settings) -> tuple[State, None]:
    """Means and standard deviations (ddof 0) of what is not missing, summed in float64."""
    matrix = columns[0].astype(np.float64)
    known = ~np.isnan(matrix)
    count = np.maximum(known.sum(axis=0), 1)
    mean: Doubles = np.where(known, matrix, 0.0).sum(axis=0) / count
    deviation = np.where(known, matrix - mean, 0.0)
    scale = np.sqrt((deviation * deviation).sum(axis=0) / count)
    low, high = range_of(columns[0])
    constant = (low == high) | (scale == 0)
    return {
        "shift": mean.tolist(),
        "scale": np.where(constant, 1.0, scale).tolist(),
        "constant": np.flatnonzero(constant).tolist(),
    }, None


CARD = PrimitiveCard(
    name="standardize",
    version=1,
    summary="mean 0, standard deviation 1 (ddof 0); a constant column becomes 0",
    reads=("matrix",),
    fit=fit,
    transform=transform,
    to_onnx=to_onnx,
    features=features,
)
