"""How much a calibrator amplifies a difference of two probabilities."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from heldout.core.arrays import Doubles

GRID = np.linspace(0.005, 0.995, 199)


def steepest(apply: Callable[[Doubles], Doubles]) -> float:
    """The largest slope over p of class 1 from 0.005 to 0.995 (smooth, binary calibrators)."""
    p = np.stack([1 - GRID, GRID], axis=1)
    q = apply(p)[:, 1]
    return float(np.max(np.abs(np.diff(q)) / np.diff(GRID)))
