"""The convolutional network: windows of 3 x 3, filters doubled, size halved (VISION-02)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from heldout.core.arrays import Array
from heldout.models.nets.dense import gemm

if TYPE_CHECKING:
    from heldout.graph.tape import Tape

SMALLEST = 5  # a side below which no further window and pooling fit


def depth(height: int, width: int, most: int) -> int:
    """How many convolutions fit: bigger pictures get more layers (VISION-03).

    >>> depth(28, 28, 3), depth(64, 64, 3), depth(64, 64, 5), depth(16, 16, 3)
    (3, 3, 4, 2)
    """
    side, layers = min(height, width), 0
    while layers < most and side >= SMALLEST:
        side = (side - 2) // 2
        layers += 1
    return max(1, layers)


def build(
    shape: tuple[int, int, int],
    filters: tuple[int, ...],
    dropout: float,
    outputs: int,
    shrink: int = 1,
) -> Any:
    """uint8 pictures to raw scores: rescaled to 0..1 inside the model, so that no one can forget
    it; convolutions without padding, max pooling between, the mean over the last maps, dropout.
    ``shrink`` first averages squares of that side."""
    import keras

    from heldout.models.nets.initial import Drawn

    layers = keras.layers
    picture = keras.Input(shape, dtype="uint8", name="image")
    h = layers.Rescaling(1.0 / 255.0, name="rescale")(picture)
    if shrink > 1:
        h = layers.AveragePooling2D(shrink, name="shrink")(h)
    for i, count in enumerate(filters):
        h = layers.Conv2D(
            count, 3, activation="relu", kernel_initializer=Drawn("he_normal"), name=f"conv_{i}"
        )(h)
        if i + 1 < len(filters):
            h = layers.MaxPooling2D(2)(h)
    h = layers.GlobalAveragePooling2D()(h)
    if dropout > 0:
        h = layers.Dropout(dropout)(h)
    return keras.Model(
        picture, layers.Dense(outputs, kernel_initializer=Drawn("glorot_uniform"), name="last")(h)
    )


def augmentation(kind: str, height: int, width: int) -> Callable[[Any, Any], Any] | None:
    """A function of pictures (n, h, w, 3) and a key: each shifted by up to a twelfth of its sides,
    the edge repeated, for "shift"; also mirrored half of the time for "flip"; None for "none".
    Labels are kept; it acts on training batches alone (VISION-07)."""
    if kind == "none":
        return None
    down, right = max(1, height // 12), max(1, width // 12)

    def augmented(x: Any, key: Any) -> Any:
        import jax
        import jax.numpy as jnp

        rows, columns, turned = jax.random.split(key, 3)
        many = (x.shape[0], 1)
        i = jnp.arange(height) + jax.random.randint(rows, many, -down, down + 1)
        j = jnp.arange(width) + jax.random.randint(columns, many, -right, right + 1)
        if kind == "flip":
            j = jnp.where(jax.random.bernoulli(turned, 0.5, many), width - 1 - j, j)
        i, j = jnp.clip(i, 0, height - 1), jnp.clip(j, 0, width - 1)
        own = jnp.arange(x.shape[0])[:, None, None]
        return x[own, i[:, :, None], j[:, None, :]]

    return augmented


def to_onnx(state: Mapping[str, Array], tape: Tape, parts: Mapping[str, str]) -> str:
    """Cast, Mul, Transpose, then Conv, Relu and MaxPool, the mean, Gemm: raw scores [N, units].

    Keras keeps channels last, ONNX first: pictures and kernels are turned.
    """
    scaled = tape.op("Mul", tape.cast(parts["image"], "float"), tape.const(np.float32(1 / 255)))
    h = tape.op("Transpose", scaled, perm=[0, 3, 1, 2])
    shrink = int(state["shrink"])
    if shrink > 1:
        square = [shrink, shrink]
        h = tape.op("AveragePool", h, kernel_shape=square, strides=square)
    count = sum(name.startswith("conv_") and name.endswith(".kernel") for name in state)
    for i in range(count):
        kernel = np.ascontiguousarray(state[f"conv_{i}.kernel"].transpose(3, 2, 0, 1))
        bias = tape.const(state[f"conv_{i}.bias"])
        h = tape.op("Relu", tape.op("Conv", h, tape.const(kernel), bias, kernel_shape=[3, 3]))
        if i + 1 < count:
            h = tape.op("MaxPool", h, kernel_shape=[2, 2], strides=[2, 2])
    flat = tape.op("Flatten", tape.op("GlobalAveragePool", h), axis=1)
    return gemm(tape, flat, state, "last")
