"""Median 0 and quartiles one apart: a scale that outliers do not move.

Where the quartiles are equal the range becomes 2, as in Holzmüller et al., "Better by default:
strong pre-tuned MLPs and boosted trees on tabular data" (2024).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from heldout.core.arrays import Array
from heldout.core.space import Settings
from heldout.primitives.card import PrimitiveCard, State, Training
from heldout.primitives.linear_scale import features, range_of, to_onnx, transform


def fit(columns: Sequence[Array], _training: Training, _settings: Settings) -> tuple[State, None]:
    """Medians and distances of the quartiles, of what is not missing."""
    matrix = columns[0]
    shift, scale = [], []
    low, high = range_of(matrix)
    for j in range(matrix.shape[1]):
        known = matrix[~np.isnan(matrix[:, j]), j].astype(np.float64)
        first, middle, third = np.quantile(known, [0.25, 0.5, 0.75]) if len(known) else (0, 0, 0)
        shift.append(float(middle))
        scale.append(float(third - first) or float(high[j] - low[j]) / 2)
    constant = low == high
    return {
        "shift": shift,
        "scale": np.where(constant, 1.0, scale).tolist(),
        "constant": np.flatnonzero(constant).tolist(),
    }, None


CARD = PrimitiveCard(
    name="robust_scale",
    version=1,
    summary="median 0, distance of the quartiles 1",
    reads=("matrix",),
    fit=fit,
    transform=transform,
    to_onnx=to_onnx,
    features=features,
    source="Holzmüller et al. 2024",
)
