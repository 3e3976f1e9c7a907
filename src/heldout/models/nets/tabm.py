"""TabM: many members in one network, which share most of their weights (Gorishniy, Kotelnikov and
Babenko 2024). Numbers enter as curves of straight pieces between quantiles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from heldout.core.arrays import Array, Floats
from heldout.models.nets import graphs, losses
from heldout.models.nets.dense import Layout
from heldout.models.nets.head import Head
from heldout.models.nets.initial import Drawn
from heldout.models.nets.layers import MemberDense, MemberHeads, Members, Piecewise
from heldout.models.nets.optimizer import Grouped

if TYPE_CHECKING:
    from heldout.graph.tape import Tape

NARROW = 1e-3  # no bin is narrower, in units of the scaled column
BEYOND = 1.0  # how many bins a curve goes on beyond the values seen in training


def build(
    layout: Layout,
    units: tuple[int, ...],
    members: int,
    bins: int,
    width: int,
    own: bool,
    dropout: float,
    outputs: int,
) -> Any:
    """A functional Keras model with outputs (n, members, outputs): raw scores. ``own`` gives every
    member factors in every layer ("TabM"), else in front of the first alone ("TabM-mini")."""
    layers = keras.layers
    x = keras.Input((layout.width - sum(layout.widths),), name="x")
    inputs = [x]
    made = [Piecewise(bins, width, name="piecewise")(x[:, : layout.numbers])]
    if layout.hot:
        made.append(x[:, layout.numbers :])
    if layout.embedded:
        codes = keras.Input((len(layout.embedded),), dtype="int32", name="codes")
        inputs.append(codes)
        for j, (column, wide) in enumerate(zip(layout.embedded, layout.widths, strict=True)):
            drawn = Drawn("uniform")
            table = layers.Embedding(layout.sizes[column], wide, drawn, name=f"embedding_{j}")
            made.append(table(codes[:, j]))
    h = layers.Concatenate()(made) if len(made) > 1 else made[0]
    hot = tuple(layout.sizes[j] for j in layout.hot)
    chunks = ((width,) * layout.numbers) + hot + layout.widths
    h = Members(members, chunks, signs=False, name="members")(h)
    for i, wide in enumerate(units):
        h = MemberDense(wide, own, name=f"dense_{i}")(h)
        h = layers.ReLU()(h)
        if dropout > 0:
            h = layers.Dropout(dropout)(h)
    last = MemberHeads(outputs, name="last")(h)
    return keras.Model(inputs if len(inputs) > 1 else x, last)


def compiling(kind: Head, decay: float) -> dict[str, Any]:
    """Adam with decoupled decay of everything, gradients clipped at norm 1."""
    optimizer = Grouped({}, ("",), learning_rate=2e-3, weight_decay=decay, global_clipnorm=1.0)
    return {
        "optimizer": optimizer,
        "loss": losses.MeanOfMembers(kind),
        "weighted_metrics": [losses.together(kind)],
    }


def begin(model: Any, x: Floats) -> None:
    """Put the bins of the training rows' numbers into the model."""
    layer = model.get_layer("piecewise")
    for name, values in pieces(x, layer.bins).items():
        getattr(layer, name).assign(values)


def pieces(x: Floats, bins: int) -> dict[str, Floats]:
    """``left``, ``slope``, ``low``, ``high`` (d, bins) from quantiles of each column. A column with
    fewer distinct values has fewer bins, the rest of which stay 0; the outer two go on a little.

    >>> made = pieces(np.array([[0.0], [1.0], [2.0], [4.0]], np.float32), 3)
    >>> made["left"].tolist(), made["slope"].tolist()
    ([[0.0, 1.0, 2.0]], [[1.0, 1.0, 0.5]])
    >>> made["low"].tolist(), made["high"].tolist()
    ([[-1.0, 0.0, 0.0]], [[1.0, 1.0, 2.0]])
    """
    made = {n: np.zeros((x.shape[1], bins), np.float32) for n in ("left", "slope", "low", "high")}
    for j in range(x.shape[1]):
        edges = _edges(x[:, j], bins)
        many = len(edges) - 1
        if many < 1:
            continue
        made["left"][j, :many] = edges[:-1]
        made["slope"][j, :many] = 1.0 / np.diff(edges)
        made["high"][j, :many] = 1.0
        made["low"][j, 0] = -BEYOND
        made["high"][j, many - 1] = 1.0 + BEYOND
    return made


def _edges(column: Floats, bins: int) -> Array:
    """Quantiles, each at least ``NARROW`` above the one before."""
    found = np.quantile(column.astype(np.float64), np.linspace(0.0, 1.0, bins + 1))
    kept = [found[0]]
    for edge in found[1:]:
        if edge - kept[-1] >= NARROW:
            kept.append(edge)
    return np.array(kept)


def to_onnx(state: Mapping[str, Array], tape: Tape, parts: Mapping[str, str]) -> str:
    """The raw scores [N, members, units] in float32."""
    layout = Layout.from_arrays(state)
    made = [graphs.piecewise(tape, parts["x"], state, "piecewise")]
    made += [layout.hot_onnx(tape, parts)] if layout.hot else []
    made += graphs.embeddings(tape, parts.get("codes"), state, layout.embedded)
    h = graphs.members(tape, tape.concat(made), state, "members")
    i = 0
    while f"dense_{i}.kernel" in state:
        h = tape.op("Relu", graphs.member_dense(tape, h, state, f"dense_{i}"))
        i += 1
    return graphs.member_heads(tape, h, state, "last")
