"""Data and models that the tests of training share."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

import heldout.training  # noqa: F401 - settles the backend


def rows(n: int = 400, columns: int = 6, seed: int = 0) -> tuple[Any, Any]:
    """A target that two columns make together."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, columns)).astype(np.float32)
    return x, (x[:, 0] * x[:, 1] + x[:, 2] > 0).astype(np.float32)


def dense(
    units: int = 8, dropout: float = 0.0, l2: float = 0.0, columns: int = 6, optimizer: Any = None
) -> Any:
    """A compiled dense net with two classes."""
    layers = keras.layers
    regularizer = keras.regularizers.L2(l2) if l2 else None
    parts = [
        keras.Input((columns,)),
        layers.Dense(units, activation="relu", kernel_regularizer=regularizer, name="first"),
    ]
    if dropout:
        parts.append(layers.Dropout(dropout))
    model = keras.Sequential([*parts, layers.Dense(1, activation="sigmoid", name="last")])
    model.compile(optimizer or keras.optimizers.Adam(1e-2), keras.losses.BinaryCrossentropy())
    return model


def difference(a: list[Any], b: list[Any]) -> float:
    """The largest over all weights."""
    return max(float(np.abs(p - q).max()) for p, q in zip(a, b, strict=True))
