"""RealMLP: a dense network with better habits (Holzmueller, Grinsztajn and Steinwart 2024).

Numbers as themselves and as waves, a trained scale for every input, the neural-tangent
parametrization, bent units whose bend is trained, and initial weights that look at the data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.models.nets import graphs, losses
from heldout.models.nets.dense import Layout
from heldout.models.nets.head import Head
from heldout.models.nets.layers import Bend, NtkDense, Periodic, Scale, normal
from heldout.models.nets.optimizer import Grouped
from heldout.primitives.block import Block

if TYPE_CHECKING:
    from heldout.graph.tape import Tape

FREQUENCIES, WAVES, SIGMA = 16, 3, 0.1
RATES = {
    "scale/factor": 6.0,
    "/bias": 0.1,
    "/share": 0.1,
    "periodic/rate": 0.1,
    "periodic/phase": 0.1,
    "periodic/mix": 0.1,
    "periodic/shift": 0.1,
}
"""What the learning rate is multiplied by."""
LOOKED_AT = 1_024  # rows that the initial weights look at
MIXED = 5  # rows whose convex combinations become the first kinks


def layout_of(block: Block, most_hot: int, width: int) -> Layout:
    """Columns of up to ``most_hot`` codes one-hot, larger ones in embeddings of ``width``."""
    plain = Layout.of(block, most_hot, 1)
    return Layout(
        plain.numbers, plain.sizes, plain.hot, plain.embedded, (width,) * len(plain.embedded)
    )


def build(
    layout: Layout, units: tuple[int, ...], function: str, dropout: float, waves: bool, outputs: int
) -> Any:
    """A functional Keras model that ends in raw scores."""
    layers = keras.layers
    x = keras.Input((layout.width - sum(layout.widths),), name="x")
    inputs = [x]
    made = [x]
    if waves:
        made = [Periodic(FREQUENCIES, WAVES, SIGMA, name="periodic")(x[:, : layout.numbers])]
        if layout.hot:
            made.append(x[:, layout.numbers :])
    if layout.embedded:
        codes = keras.Input((len(layout.embedded),), dtype="int32", name="codes")
        inputs.append(codes)
        for j, (column, width) in enumerate(zip(layout.embedded, layout.widths, strict=True)):
            drawn = normal()
            table = layers.Embedding(layout.sizes[column], width, drawn, name=f"embedding_{j}")
            made.append(table(codes[:, j]))
    h = layers.Concatenate()(made) if len(made) > 1 else made[0]
    h = Scale(name="scale")(h)
    for i, width in enumerate(units):
        h = NtkDense(width, name=f"dense_{i}")(h)
        h = Bend(function, name=f"bend_{i}")(h)
        if dropout > 0:
            h = layers.Dropout(dropout)(h)
    last = NtkDense(outputs, name="last")(h)
    return keras.Model(inputs if len(inputs) > 1 else x, last)


def compiling(kind: Head, decay: float) -> dict[str, Any]:
    """Adam with a quick second moment; biases and scales do not decay."""
    optimizer = Grouped(RATES, ("/kernel",), learning_rate=0.04, beta_2=0.95, weight_decay=decay)
    return {"optimizer": optimizer, "loss": losses.loss(kind)}


def begin(
    model: Any, inputs: tuple[Array, ...], function: str, rng: np.random.Generator, zero: bool
) -> None:
    """Finish the initial weights: every unit's score gets deviation 1 on the data, and is 0 at a
    random convex combination of five rows (of the layer's inputs), so that kinks lie where rows
    are. ``zero`` lets the last layer start at 0."""
    rows = rng.permutation(len(inputs[0]))[:LOOKED_AT]
    layers = {layer.name: layer for layer in model.layers}
    h = _front(layers, [part[rows] for part in inputs])
    names = [name for name in layers if name.startswith("dense_")]
    for name in [*names, "last"]:
        layer = layers[name]
        kernel = np.asarray(layer.kernel, dtype=np.float64)
        z = h @ kernel * layer.by
        if name == "last" and zero:
            layer.kernel.assign(np.zeros(kernel.shape, np.float32))
            layer.bias.assign(np.zeros(kernel.shape[1], np.float32))
            return
        deviation = np.maximum(np.sqrt(np.mean((z - z.mean(axis=0)) ** 2, axis=0)), 1e-3)
        chosen = rng.integers(0, len(h), size=(kernel.shape[1], MIXED))
        share = rng.exponential(size=chosen.shape)
        share /= share.sum(axis=1, keepdims=True)
        z = z / deviation
        units = np.arange(kernel.shape[1])[:, None]
        bias = -np.sum(share * z[chosen, units], axis=1)
        layer.kernel.assign((kernel / deviation).astype(np.float32))
        layer.bias.assign(bias.astype(np.float32))
        h = bent(z + bias, function)


def _front(layers: Mapping[str, Any], inputs: list[Array]) -> Doubles:
    """What reaches the first dense layer, scales still being 1."""
    x = inputs[0].astype(np.float64)
    made = [x]
    if "periodic" in layers:
        wave = {w.name: np.asarray(w, dtype=np.float64) for w in layers["periodic"].weights}
        d = wave["rate"].shape[0]
        turned = 2 * np.pi * (x[:, :d, None] * wave["rate"] + wave["phase"])
        mixed = np.einsum("ndk,dko->ndo", np.cos(turned), wave["mix"]) + wave["shift"]
        both = np.concatenate([x[:, :d, None], mixed], axis=2)
        made = [both.reshape(len(x), -1), x[:, d:]]
    for j in range(sum(name.startswith("embedding_") for name in layers)):
        table = np.asarray(layers[f"embedding_{j}"].embeddings, dtype=np.float64)
        made.append(table[inputs[1][:, j]])
    return np.concatenate(made, axis=1)


def bent(x: Doubles, function: str) -> Doubles:
    """selu or mish, in double.

    >>> bent(np.array([-1.0, 0.0, 1.0]), "mish").round(4).tolist()
    [-0.3034, 0.0, 0.8651]
    """
    if function == "mish":
        return np.asarray(x * np.tanh(np.logaddexp(0.0, x)))
    alpha, scale = 1.6732632423543772, 1.0507009873554805
    return np.asarray(scale * np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0.0))))


def to_onnx(state: Mapping[str, Array], tape: Tape, parts: Mapping[str, str]) -> str:
    """The raw scores [N, units] in float32."""
    layout = Layout.from_arrays(state)
    function = str(state["function"])
    if "periodic.mix" in state:
        made = [graphs.periodic(tape, parts["x"], state, "periodic")]
        made += [] if not layout.hot else [layout.hot_onnx(tape, parts)]
    else:
        made = [layout.inputs_onnx(tape, parts)[0]]
    made += graphs.embeddings(tape, parts.get("codes"), state, layout.embedded)
    h = graphs.scale(tape, tape.concat(made), state, "scale")
    for i in range(sum(name.startswith("bend_") for name in state)):
        h = graphs.ntk_dense(tape, h, state, f"dense_{i}")
        h = graphs.bend(tape, h, state, f"bend_{i}", function)
    return graphs.ntk_dense(tape, h, state, "last")
