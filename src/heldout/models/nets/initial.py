"""Initial weights drawn by NumPy, from Keras' own distributions.

Keras draws through JAX, which compiles a small program for each shape: half of the CPU seconds that
the first fit of a process took (measured, bench/LOG.md). The formulas are those of Keras' initializers,
the seed is the one that Keras gave them; only the numbers drawn differ.
"""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np

from heldout.core.arrays import Array

CUT = 0.87962566103423978  # standard deviation of a standard normal cut off at 2


class Drawn(keras.initializers.Initializer):  # type: ignore[misc,unused-ignore]
    """Draws what ``like`` draws: one of Keras' normal, uniform or variance-scaling initializers,
    or its name."""

    def __init__(self, like: Any) -> None:
        self.like = keras.initializers.get(like)

    def __call__(self, shape: Any, dtype: Any = None) -> Array:
        """float32 (shape)."""
        del dtype
        like, rng = self.like, np.random.default_rng(self.like.seed)
        if hasattr(like, "stddev"):
            return _cast(rng.normal(like.mean, like.stddev, shape))
        if hasattr(like, "minval"):
            return _cast(rng.uniform(like.minval, like.maxval, shape))
        scale = like.scale / max(1.0, _fan(shape, like.mode))
        if like.distribution == "truncated_normal":
            return _cast(math.sqrt(scale) / CUT * _cut_normal(rng, shape))
        if like.distribution == "untruncated_normal":
            return _cast(rng.normal(0.0, math.sqrt(scale), shape))
        limit = math.sqrt(3.0 * scale)
        return _cast(rng.uniform(-limit, limit, shape))


def _fan(shape: Any, mode: str) -> float:
    """Inputs and outputs of a unit: all axes but the last one, all but the one before it."""
    size = float(np.prod(shape))
    into, out = size / float(shape[-1]), size / float(shape[-2])
    return {"fan_in": into, "fan_out": out}.get(mode, (into + out) / 2)


def _cut_normal(rng: np.random.Generator, shape: Any) -> Array:
    """Standard normal values within 2 of 0: the others are drawn again."""
    made: Array = rng.normal(size=shape)
    while (far := np.abs(made) > 2).any():
        made[far] = rng.normal(size=int(far.sum()))
    return made


def _cast(values: Array) -> Array:
    return values.astype(np.float32)
