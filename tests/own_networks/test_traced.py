"""Any network as a graph: what onnxruntime answers is what Keras answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import keras
import numpy as np
import pytest

from heldout.graph.tape import Tape
from heldout.models.nets.record import replay
from heldout.models.nets.traced import trace
from heldout.models.nets.writer import UnwritableError

layers, ops = keras.layers, keras.ops
RNG = np.random.default_rng(0)


class Gate(layers.Layer):  # type: ignore[misc]
    """A layer that exists nowhere else."""

    def build(self, shape: Any) -> None:
        self.gate = self.add_weight(shape=(int(shape[-1]),), initializer="ones")

    def call(self, x: Any) -> Any:
        low = ops.minimum(x, ops.roll(x, 1, axis=-1))
        return ops.where(x > 0, ops.log1p(ops.abs(x)) * self.gate, low)


def nested() -> Any:
    """A model as a layer, used twice: shared."""
    shared = keras.Sequential([keras.Input((4,)), layers.Dense(5, "tanh")])
    left, right = keras.Input((4,), name="x"), keras.Input((4,), name="z")
    made = layers.Concatenate()([shared(left), shared(right), layers.Add()([left, right])])
    return keras.Model([left, right], layers.Dense(2)(made))


def codes() -> Any:
    """Numbers beside embedded codes."""
    x, c = keras.Input((3,), name="x"), keras.Input((2,), dtype="int32", name="codes")
    table = layers.Flatten()(layers.Embedding(9, 4)(c))
    single = layers.Embedding(9, 2)(c[:, 1])
    return keras.Model([x, c], layers.Dense(2)(layers.Concatenate()([x, table, single])))


def residual() -> Any:
    picture = keras.Input((12, 12, 3), dtype="uint8")
    h = layers.Rescaling(1 / 255)(picture)
    h = layers.Conv2D(8, 3, padding="same", use_bias=False)(h)
    h = layers.ReLU()(layers.BatchNormalization()(h))
    again = layers.SeparableConv2D(8, 3, padding="same", activation="relu")(h)
    again = layers.SpatialDropout2D(0.2)(again)
    h = layers.MaxPooling2D(2, padding="same")(layers.Add()([h, again]))
    h = layers.AveragePooling2D(2)(layers.Conv2D(8, 3, strides=2, padding="same")(h))
    return keras.Model(picture, layers.Dense(3)(layers.GlobalAveragePooling2D()(h)))


def sequence(*parts: Any, shape: tuple[int, ...] = (4,)) -> Callable[[], Any]:
    return lambda: keras.Sequential([keras.Input(shape), *(p() for p in parts)])


def attention() -> Any:
    series = keras.Input((6, 4))
    h = layers.MultiHeadAttention(2, 4)(series, series)
    h = layers.LayerNormalization()(layers.Add()([series, h]))
    return keras.Model(series, layers.Dense(2)(layers.GlobalMaxPooling1D()(h)))


D, L = layers.Dense, layers
NETS: dict[str, Callable[[], Any]] = {
    "dense": sequence(lambda: D(8, "relu"), L.BatchNormalization, lambda: D(8, "gelu"),
                      lambda: L.Dropout(0.3), L.LayerNormalization, lambda: D(3, "softmax")),
    "bends": sequence(*(lambda a=a: D(6, a) for a in
                        ("elu", "selu", "silu", "softplus", "softsign", "mish", "exponential",
                         "hard_sigmoid", "leaky_relu", "log_softmax", "relu6")), lambda: D(1)),
    "prelu": sequence(lambda: D(6), L.PReLU, L.UnitNormalization, lambda: D(1, "sigmoid")),
    "own": sequence(lambda: D(6), Gate, lambda: D(1)),
    "nested": nested,
    "codes": codes,
    "residual": residual,
    "lstm": sequence(lambda: L.Reshape((4, 1)), lambda: L.LSTM(5, return_sequences=True),
                     lambda: L.Bidirectional(L.GRU(3)), lambda: D(2)),
    "conv1d": sequence(lambda: L.Reshape((4, 1)), lambda: L.ZeroPadding1D(1),
                       lambda: L.Conv1D(3, 2, padding="causal"), lambda: L.MaxPooling1D(2),
                       L.Flatten, lambda: D(2)),
    "distributed": sequence(lambda: L.TimeDistributed(D(3)), lambda: L.Permute((2, 1)),
                            L.Flatten, lambda: D(1), shape=(5, 2)),
    "attention": attention,
}  # fmt: skip


def arrays(model: Any, rows: int) -> list[Any]:
    """Inputs as the model takes them."""
    made = []
    for tensor in model.inputs:
        shape = (rows, *tensor.shape[1:])
        if tensor.dtype == "float32":
            made.append((2 * RNG.normal(size=shape)).astype(np.float32))
        else:
            high = 256 if tensor.dtype == "uint8" else 9
            made.append(RNG.integers(0, high, shape).astype(tensor.dtype))
    return made


def graph(model: Any) -> bytes:
    """The model alone as a graph."""
    kinds = [(tuple(t.shape[1:]), str(t.dtype)) for t in model.inputs]
    made = trace(lambda *x: model(x[0] if len(x) == 1 else list(x), training=False), kinds)
    tape = Tape()
    types = {"float32": "float", "int32": "int32", "uint8": "uint8"}
    names = [tape.input(f"in{i}", types[k], (None, *s)) for i, (s, k) in enumerate(kinds)]
    out = replay(made, tape, names)
    tape.output("out", out, "float", (None, *model.output_shape[1:]))
    return tape.build()


@pytest.mark.requirement("PLATFORM-02", "PLATFORM-03", "PLATFORM-04", "MODEL-16")
@pytest.mark.parametrize("name", NETS)
def test_a_network_and_its_graph_agree(name: str) -> None:
    """Whatever the number of rows."""
    import onnxruntime

    keras.utils.set_random_seed(1)
    model = NETS[name]()
    session = onnxruntime.InferenceSession(graph(model), providers=["CPUExecutionProvider"])
    x = arrays(model, 7)
    answer = jax.jit(
        lambda *given: model(given[0] if len(given) == 1 else list(given), training=False)
    )
    wanted = np.asarray(answer(*x))
    for rows in (1, 7):
        (got,) = session.run(None, {f"in{i}": a[:rows] for i, a in enumerate(x)})
        np.testing.assert_allclose(got, wanted[:rows], rtol=1e-5, atol=2e-6)


class Sorted(layers.Layer):  # type: ignore[misc]
    def call(self, x: Any) -> Any:
        return ops.sort(x, axis=-1)


def test_what_cannot_be_written_is_named() -> None:
    model = keras.Sequential([keras.Input((4,)), Sorted(), layers.Dense(1)])
    with pytest.raises(UnwritableError, match="sort"):
        graph(model)
    transposed = keras.Sequential([keras.Input((4, 4, 1)), layers.Conv2DTranspose(2, 3, strides=2)])
    with pytest.raises(UnwritableError, match="transposed"):
        graph(transposed)
