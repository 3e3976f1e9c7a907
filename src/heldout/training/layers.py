"""What the layers of a model mean for its training."""

from __future__ import annotations

import math
from typing import Any

import keras

from heldout.training.knobs import layers

TAPS = 25  # places of a kernel: unfolding multiplies the memory of the input by so many


def unfoldable(layer: Any) -> bool:
    """Whether it is a plain convolution in one or two dimensions with a small kernel.

    >>> [unfoldable(keras.layers.Conv2D(8, k)) for k in (3, 7)]
    [True, False]
    """
    plain = type(layer) in (keras.layers.Conv1D, keras.layers.Conv2D)
    return (
        plain
        and layer.groups == 1
        and layer.data_format == "channels_last"
        and layer.padding in ("valid", "same")
        and math.prod(layer.kernel_size) <= TAPS
    )


def pools(layer: Any) -> bool:
    """Whether it takes the largest of places that do not overlap."""
    return (
        type(layer) in (keras.layers.MaxPooling1D, keras.layers.MaxPooling2D)
        and tuple(layer.strides) == tuple(layer.pool_size)
        and layer.padding == "valid"
        and layer.data_format == "channels_last"
    )


def has_native_convolution(model: Any) -> bool:
    """Whether a convolution is inside that stays as it is (XLA runs it six times slower in a loop
    on a CPU): one of several groups, by depth, transposed, in three dimensions, a large kernel."""
    return any(
        "Conv" in type(layer).__name__ and not unfoldable(layer)
        for layer in layers(model)
        if layer is not model
    )
