"""Truth minus prediction: how large, of which shape, and where along the answers."""

from __future__ import annotations

from typing import Any

import numpy as np

from heldout.core.arrays import Doubles

BINS, BARS = 10, 30
FEWEST = 20
QUANTILES = (1, 5, 25, 50, 75, 95, 99)
CLIPPED = (0.5, 99.5)  # per cent of the residuals that the histogram spans


def residuals(y: Doubles, prediction: Doubles) -> dict[str, Any] | None:
    """Mean, spread, quantiles, a histogram, and the same by the size of the answer.

    ``y`` (samples,), ``prediction`` (samples,); None for fewer than 20 samples.

    >>> found = residuals(np.arange(40.0), np.arange(40.0) - 1)
    >>> found["mean"], found["sd"], found["bins"][0]["q50"]
    (1.0, 0.0, 1.0)
    """
    if len(y) < FEWEST:
        return None
    left = y - prediction
    order = np.argsort(prediction, kind="stable")
    parts = np.array_split(order, min(BINS, len(y) // FEWEST) or 1)
    low, high = np.percentile(left, CLIPPED)
    counts, edges = np.histogram(np.clip(left, low, high), bins=BARS, range=_wide(low, high))
    return {
        "samples": len(y),
        "mean": float(left.mean()),
        "sd": float(left.std()),
        "quantiles": {str(q): float(np.percentile(left, q)) for q in QUANTILES},
        "bins": [_bin(prediction[part], left[part]) for part in parts],
        "histogram": {"edges": edges.tolist(), "counts": counts.tolist()},
    }


def _bin(prediction: Doubles, left: Doubles) -> dict[str, float | int]:
    q10, q50, q90 = np.percentile(left, (10, 50, 90))
    return {
        "low": float(prediction.min()),
        "high": float(prediction.max()),
        "n": len(left),
        "prediction": float(prediction.mean()),
        "mean": float(left.mean()),
        "q10": float(q10),
        "q50": float(q50),
        "q90": float(q90),
    }


def _wide(low: float, high: float) -> tuple[float, float]:
    return (low, high) if high > low else (low - 0.5, high + 0.5)
