"""Convolutional networks made of blocks (MODEL-16, VISION-14): two convolutions with batch
normalization, and beside them a way past, so that gradients reach the first layers and no block
has to remember what it does not change."""

from __future__ import annotations

from typing import Any

import keras

from heldout.core.space import Settings
from heldout.models.nets import losses
from heldout.models.nets.head import head
from heldout.tasks.task import Task

KINDS = ("residual", "separable", "plain")
MOMENTUM = 0.9  # of batch statistics: Keras' 0.99 lags behind for the first 300 steps
SMALLEST = 4  # a side below which no further halving makes sense


def depth(height: int, width: int, most: int) -> int:
    """How many blocks fit; each after the first halves the picture.

    >>> depth(16, 16, 4), depth(64, 64, 4), depth(6, 6, 4)
    (3, 4, 1)
    """
    side, count = min(height, width), 1
    while count < most and side // 2 >= SMALLEST:
        side, count = side // 2, count + 1
    return count


def build(
    shape: tuple[int, int, int], kind: str, filters: int, count: int, dropout: float, outputs: int
) -> Any:
    """uint8 pictures to raw scores. ``kind`` of the blocks: "residual" (He et al. 2016),
    "separable" (in space, then across channels: Chollet 2017), both with a way past, or "plain"."""
    layers = keras.layers
    picture = keras.Input(shape, dtype="uint8", name="image")
    h = layers.Rescaling(1.0 / 127.5, offset=-1.0, name="rescale")(picture)
    h = _bent(_convolution("plain", filters, 1)(h))
    for i in range(count):
        h = _block(h, kind, filters * 2**i, halved=i > 0)
    h = layers.GlobalAveragePooling2D()(h)
    if dropout > 0:
        h = layers.Dropout(dropout)(h)
    return keras.Model(picture, layers.Dense(outputs, name="last")(h))


def make(task: Task, inputs: Any, settings: Settings) -> Any:
    """The compiled network of the card ``block_convnet`` for pictures of ``inputs.picture``."""
    shape, kind = inputs.picture, head(task)
    count = depth(shape[0], shape[1], int(settings["blocks"]))
    dropout = float(settings["dropout"])
    model = build(shape, settings["block"], int(settings["filters"]), count, dropout, kind.units)
    model.compile(keras.optimizers.Adam(2e-3), losses.loss(kind))
    return model


def _block(h: Any, kind: str, filters: int, *, halved: bool) -> Any:
    layers, stride = keras.layers, 2 if halved else 1
    made = _bent(_convolution(kind, filters, stride)(h))
    made = layers.BatchNormalization(momentum=MOMENTUM)(_convolution(kind, filters, 1)(made))
    if kind != "plain":
        past = h
        if halved or h.shape[-1] != filters:
            past = layers.Conv2D(filters, 1, strides=stride, use_bias=False)(h)
            past = layers.BatchNormalization(momentum=MOMENTUM)(past)
        made = layers.Add()([made, past])
    return layers.ReLU()(made)


def _convolution(kind: str, filters: int, stride: int) -> Any:
    """3 x 3, the size kept (or halved), without a bias: normalization has one."""
    made = keras.layers.SeparableConv2D if kind == "separable" else keras.layers.Conv2D
    return made(filters, 3, strides=stride, padding="same", use_bias=False)


def _bent(h: Any) -> Any:
    return keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=MOMENTUM)(h))
