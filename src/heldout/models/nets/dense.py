"""The dense network: what enters, the layers, and the same on a tape (MODEL-11, X-028)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from heldout.core.arrays import Array, Floats
from heldout.models.nets.graphs import embeddings
from heldout.primitives.block import Block

if TYPE_CHECKING:
    from heldout.graph.tape import Tape


def embedding_width(levels: int) -> int:
    """The fourth root of the number of values, rounded down, at least 1: a starting point.

    >>> [embedding_width(k) for k in (2, 10, 168, 1_000, 10_000, 500_000)]
    [1, 1, 3, 5, 10, 26]
    """
    return max(1, math.isqrt(math.isqrt(levels)))


@dataclass(frozen=True)
class Layout:
    """What the network eats: ``numbers`` columns of part "x"; of part "codes" the columns
    ``hot`` as one-hot, the columns ``embedded`` through embeddings of ``widths``."""

    numbers: int
    sizes: tuple[int, ...]
    hot: tuple[int, ...]
    embedded: tuple[int, ...]
    widths: tuple[int, ...]

    @classmethod
    def of(cls, block: Block, most_hot: int, factor: int) -> Layout:
        """Small columns one-hot, the others embedded; ``factor`` widens the embeddings."""
        codes = block.parts.get("codes")
        sizes = codes.sizes if codes is not None else ()
        hot = tuple(j for j, k in enumerate(sizes) if k <= most_hot)
        embedded = tuple(j for j, k in enumerate(sizes) if k > most_hot)
        widths = tuple(min(sizes[j], factor * embedding_width(sizes[j])) for j in embedded)
        return cls(block.x.shape[1], tuple(sizes), hot, embedded, widths)

    @property
    def width(self) -> int:
        """Numbers that reach the first dense layer."""
        return self.numbers + sum(self.sizes[j] for j in self.hot) + sum(self.widths)

    @property
    def pairs(self) -> tuple[Array, Array]:
        """For every one-hot feature the column of its code, and the code."""
        column = np.repeat(np.array(self.hot, np.int64), [self.sizes[j] for j in self.hot])
        level = np.concatenate([np.zeros(0), *(np.arange(self.sizes[j]) for j in self.hot)])
        return column, level.astype(np.int32)

    def inputs(self, block: Block) -> tuple[Array, ...]:
        """float32 (n, numbers + one-hot) and, where there are embeddings, int32 (n, embedded)."""
        x: Floats = np.asarray(block.x, dtype=np.float32)
        if self.hot:
            column, level = self.pairs
            hot = block.parts["codes"].values[:, column] == level
            x = np.concatenate([x, hot.astype(np.float32)], axis=1)
        if not self.embedded:
            return (x,)
        return x, np.ascontiguousarray(block.parts["codes"].values[:, list(self.embedded)])

    def inputs_onnx(self, tape: Tape, parts: Mapping[str, str]) -> tuple[str, str | None]:
        """The same on a tape; the second name is that of the part "codes"."""
        x = parts["x"]
        if self.hot:
            x = tape.concat([x, self.hot_onnx(tape, parts)])
        return x, parts.get("codes")

    def hot_onnx(self, tape: Tape, parts: Mapping[str, str]) -> str:
        """The one-hot columns alone."""
        column, level = self.pairs
        codes = tape.op("Gather", parts["codes"], tape.const(column), axis=1)
        return tape.cast(tape.op("Equal", codes, tape.const(level)), "float")

    def arrays(self) -> dict[str, Array]:
        """For the state of a fitted model."""
        return {
            "layout.numbers": np.array(self.numbers, np.int64),
            "layout.sizes": np.array(self.sizes, np.int64),
            "layout.hot": np.array(self.hot, np.int64),
            "layout.embedded": np.array(self.embedded, np.int64),
            "layout.widths": np.array(self.widths, np.int64),
        }

    @classmethod
    def from_arrays(cls, state: Mapping[str, Array]) -> Layout:
        """The inverse of ``arrays``."""
        parts = [
            tuple(state[f"layout.{n}"].tolist()) for n in ("sizes", "hot", "embedded", "widths")
        ]
        return cls(int(state["layout.numbers"]), *parts)


@dataclass(frozen=True)
class Style:
    """What besides sizes makes a dense net: bends, first weights, normalization, penalties."""

    activation: str = "relu"
    initializer: str = "he_normal"
    normalization: str = "none"
    penalized: bool = False


ACTIVATIONS = {"relu": "Relu", "tanh": "Tanh", "elu": "Elu", "selu": "Selu", "sigmoid": "Sigmoid"}
"""Names of Keras and of the graph."""
LEAK = 0.2  # slope of Keras' "leaky_relu" below 0


def build(
    layout: Layout, units: tuple[int, ...], dropout: float, outputs: int, style: Style = Style()
) -> Any:
    """A functional Keras model; its output are raw scores. A nonlinearity stands between any two
    dense layers: without it they would collapse into one (MODEL-20). With ``penalized`` L1 and L2
    of the kernels are settings of the compiled program."""
    import keras

    from heldout.models.nets.initial import Drawn

    layers = keras.layers
    dense_in = keras.Input((layout.width - sum(layout.widths),), name="x")
    inputs = [dense_in]
    h = dense_in
    if layout.embedded:
        codes = keras.Input((len(layout.embedded),), dtype="int32", name="codes")
        inputs.append(codes)
        made = [h]
        for j, (column, width) in enumerate(zip(layout.embedded, layout.widths, strict=True)):
            table = layers.Embedding(
                layout.sizes[column], width, Drawn("uniform"), name=f"embedding_{j}"
            )
            made.append(table(codes[:, j]))
        h = layers.Concatenate()(made)
    apart = style.normalization == "batch" or style.activation == "prelu"
    for i, width in enumerate(units):
        h = layers.Dense(
            width,
            activation=None if apart else style.activation,
            kernel_initializer=Drawn(style.initializer),
            kernel_regularizer=keras.regularizers.L1L2(1e-9, 1e-9) if style.penalized else None,
            name=f"dense_{i}",
        )(h)
        if style.normalization == "batch":
            h = layers.BatchNormalization(name=f"norm_{i}")(h)
        if style.activation == "prelu":
            h = layers.PReLU(name=f"bend_{i}")(h)
        elif apart:
            h = layers.Activation(style.activation)(h)
        if dropout > 0:
            h = layers.Dropout(dropout)(h)
    last = layers.Dense(outputs, kernel_initializer=Drawn("glorot_uniform"), name="last")(h)
    return keras.Model(inputs if len(inputs) > 1 else dense_in, last)


def to_onnx(
    state: Mapping[str, Array], tape: Tape, parts: Mapping[str, str], activation: str = "relu"
) -> str:
    """Gather, Gemm and Relu (or another bend) in float32: the raw scores [N, units]."""
    layout = Layout.from_arrays(state)
    x, codes = layout.inputs_onnx(tape, parts)
    made = [x, *embeddings(tape, codes, state, layout.embedded)]
    h = tape.concat(made)
    hidden = sum(name.startswith("dense_") and name.endswith(".kernel") for name in state)
    for i in range(hidden):
        h = gemm(tape, h, _normalized(state, i), f"dense_{i}")
        if activation == "prelu":
            h = tape.op("PRelu", h, tape.const(state[f"bend_{i}.alpha"]))
        elif activation == "leaky_relu":
            h = tape.op("LeakyRelu", h, alpha=LEAK)
        else:
            h = tape.op(ACTIVATIONS[activation], h)
    return gemm(tape, h, state, "last")


def gemm(tape: Tape, x: str, state: Mapping[str, Array], name: str) -> str:
    """One dense layer without its activation."""
    kernel, bias = state[f"{name}.kernel"], state[f"{name}.bias"]
    return tape.op("Gemm", x, tape.const(kernel), tape.const(bias))


def _normalized(state: Mapping[str, Array], i: int) -> Mapping[str, Array]:
    """The i-th dense layer with its normalization multiplied in: kernel and bias scaled by
    gamma / sqrt(variance + 0.001), as Keras does with running statistics."""
    if f"norm_{i}.gamma" not in state:
        return state
    parts = ("gamma", "beta", "moving_mean", "moving_variance")
    gamma, beta, mean, variance = (state[f"norm_{i}.{p}"].astype(np.float64) for p in parts)
    by = gamma / np.sqrt(variance + 1e-3)
    name = f"dense_{i}"
    kernel, bias = (state[f"{name}.{p}"].astype(np.float64) for p in ("kernel", "bias"))
    return {
        f"{name}.kernel": (kernel * by).astype(np.float32),
        f"{name}.bias": ((bias - mean) * by + beta).astype(np.float32),
    }


def named_weights(model: Any) -> dict[str, Array]:
    """``embedding_0``, ``dense_0.kernel``, ``dense_0.bias``, ..., ``last.kernel``, ``last.bias``."""
    import keras

    made = {}
    for layer in model.layers:
        for weight in layer.weights:
            short = weight.path.rsplit("/", 1)[-1]
            name = layer.name if short == "embeddings" else f"{layer.name}.{short}"
            made[name] = np.array(keras.ops.convert_to_numpy(weight), dtype=np.float32)
    return made
