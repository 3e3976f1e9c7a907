"""Weight normalization: direction and length of a layer's weights learned apart.

Salimans and Kingma 2016: w = g v / |v|, a length g an output. To begin with it is the layer itself.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

EPSILON = 1e-12


class WeightNormalization(keras.layers.Wrapper):  # type: ignore[misc,unused-ignore]
    """Around a layer with a ``kernel`` whose last axis are the outputs (dense, convolution)::

    WeightNormalization(keras.layers.Dense(64, activation="relu"))
    """

    def build(self, input_shape: Any = None) -> None:
        """The length of each output's first weights."""
        if not self.layer.built:
            self.layer.build(input_shape)
        kernel = getattr(self.layer, "_kernel", None)
        if kernel is None:
            raise ValueError(f"{type(self.layer).__name__} has no kernel to normalize")
        self.length = self.add_weight(
            name="length", shape=(kernel.shape[-1],), initializer="ones", dtype="float32"
        )
        self.length.assign(_length(ops.convert_to_tensor(kernel)))
        self.built = True

    def call(self, inputs: Any, **more: Any) -> Any:
        """The layer's answer with weights of this length."""
        own = self.layer._kernel
        kernel = ops.convert_to_tensor(own)
        wanted = ops.cast(self.length, kernel.dtype)
        object.__setattr__(self.layer, "_kernel", kernel * (wanted / _length(kernel)))
        try:
            return self.layer(inputs, **more)
        finally:
            object.__setattr__(self.layer, "_kernel", own)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """That of the layer."""
        return self.layer.compute_output_shape(input_shape)


def _length(kernel: Any) -> Any:
    axes = tuple(range(len(kernel.shape) - 1))
    return ops.sqrt(ops.sum(ops.square(kernel), axis=axes) + EPSILON)
