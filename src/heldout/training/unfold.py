"""Convolutions as one product of matrices, and poolings by comparing slices, for XLA on a CPU.

Inside a loop XLA's own convolution is six times slower there than outside; unfolded it is faster
than either, and its gradient is products too. While a program is traced, what the layer computes
is replaced; the layers, their weights and what leaves the program stay the person's own.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import jax.numpy as jnp
import keras

from heldout.training.knobs import layers
from heldout.training.layers import pools, unfoldable


@contextlib.contextmanager
def unfolded(model: Any, convolutions: bool) -> Iterator[None]:
    """Let the model's poolings, and its convolutions where asked, compute so, then put back what
    was there."""
    changed: list[tuple[Any, str]] = []
    try:
        for layer in layers(model):
            if convolutions and unfoldable(layer):
                _replace(changed, layer, "convolution_op", _convolution(layer))
            elif pools(layer):
                _replace(changed, layer, "call", _pooling(layer))
        yield
    finally:
        for layer, name in changed:
            layer.__dict__.pop(name, None)


def _replace(changed: list[tuple[Any, str]], layer: Any, name: str, value: Any) -> None:
    object.__setattr__(layer, name, value)
    changed.append((layer, name))


def _convolution(layer: Any) -> Callable[[Any, Any], Any]:
    def convolution(inputs: Any, kernel: Any) -> Any:
        kernel = keras.ops.convert_to_tensor(kernel)
        return convolve(inputs, kernel, layer.strides, layer.padding, layer.dilation_rate)

    return convolution


def _pooling(layer: Any) -> Callable[..., Any]:
    def pooling(inputs: Any) -> Any:
        return largest(inputs, tuple(layer.pool_size))

    return pooling


def convolve(
    inputs: Any, kernel: Any, strides: Any, padding: str = "valid", dilation: Any = None
) -> Any:
    """``inputs`` (n, ..., c), ``kernel`` (..., c, f): what ``keras.ops.conv`` gives, (n, ..., f)."""
    sizes, (channels, filters) = kernel.shape[:-2], kernel.shape[-2:]
    dilation = dilation or (1,) * len(sizes)
    spans = [(k - 1) * d + 1 for k, d in zip(sizes, dilation, strict=True)]
    if padding == "same":
        inputs = jnp.pad(inputs, ((0, 0), *_margins(inputs.shape[1:-1], spans, strides), (0, 0)))
    places = [
        (n - span) // s + 1 for n, span, s in zip(inputs.shape[1:-1], spans, strides, strict=True)
    ]
    parts = [inputs]
    for axis, (size, many) in enumerate(zip(sizes, places, strict=True), start=1):
        step, wide = strides[axis - 1], dilation[axis - 1]
        parts = [_along(part, axis, k * wide, many, step) for part in parts for k in range(size)]
    rows = jnp.concatenate(parts, axis=-1).reshape(-1, len(parts) * channels)
    made = rows @ kernel.reshape(-1, filters)
    return made.reshape(inputs.shape[0], *places, filters)


def _margins(shape: Any, spans: Any, strides: Any) -> list[tuple[int, int]]:
    """Zeros before and after, as TensorFlow's "same" sets them."""
    made = []
    for n, span, step in zip(shape, spans, strides, strict=True):
        more = max((-(-n // step) - 1) * step + span - n, 0)
        made.append((more // 2, more - more // 2))
    return made


def _along(part: Any, axis: int, start: int, many: int, step: int) -> Any:
    """``many`` places of an axis from ``start`` on, every ``step``-th."""
    where = [slice(None)] * part.ndim
    where[axis] = slice(start, start + (many - 1) * step + 1, step)
    return part[tuple(where)]


def largest(inputs: Any, sizes: tuple[int, ...]) -> Any:
    """The largest of each block; among equals the gradient goes to the first, as in XLA's own."""
    parts = [inputs]
    for axis, size in enumerate(sizes, start=1):
        many = inputs.shape[axis] // size
        parts = [_along(part, axis, k, many, size) for part in parts for k in range(size)]
    best = parts[0]
    for part in parts[1:]:
        best = jnp.where((part > best) | jnp.isnan(part), part, best)
    return best
