"""Facts about layers with known numbers, on the networks that are built here."""

from __future__ import annotations

import numpy as np
import pytest

from heldout.core.seed import Seed
from heldout.graph.tape import Tape
from heldout.models.card import MODELS
from heldout.models.nets import conv, dense
from heldout.models.nets.head import head
from heldout.primitives.block import Block, Part
from heldout.testing.models import TASKS, graph_prediction

CARD = MODELS.get("dense_net")

FILMS = 500_000


def films(rows: int = 1_000) -> Block:
    """One column of half a million films as codes, one number beside it."""
    codes = Seed(0).rng().integers(0, FILMS, size=(rows, 1)).astype(np.int32)
    x = np.ones((rows, 1), np.float32)
    parts = {
        "x": Part("numbers", x, ("n",), ("n",), (False,), (0,)),
        "codes": Part("codes", codes, ("film",), ("film",), (True,), (FILMS,)),
    }
    return Block(parts, np.arange(rows))


@pytest.mark.requirement("PREP-20")
def test_half_a_million_films_are_looked_up_and_never_spread_out() -> None:
    """What the network eats are four bytes a row; dense it would be two megabytes a row."""
    block = films()
    layout = dense.Layout.of(block, most_hot=32, factor=1)
    assert (layout.hot, layout.embedded, layout.widths) == ((), (0,), (26,))
    x, codes = layout.inputs(block)
    assert x.nbytes + codes.nbytes == 8 * len(block)
    two = dense.Layout(1, (FILMS,), (), (0,), (2,))
    model = dense.build(two, (4,), 0.0, 1)
    assert model.get_layer("dense_0").kernel.shape == (1 + 2, 4)
    assert model.get_layer("embedding_0").count_params() == 2 * FILMS
    state = {**dense.named_weights(model), **two.arrays()}
    tape = Tape()
    given = {"x": tape.const(x), "codes": tape.const(codes)}
    dense.to_onnx(state, tape, given)
    kinds = {node.op_type for node in tape._nodes}
    assert "Gather" in kinds and "OneHot" not in kinds and "Equal" not in kinds


@pytest.mark.requirement("X-091")
def test_an_embedding_is_a_table_of_rows() -> None:
    """A thousand values in 64 dimensions: 64,000 weights, and (2, 5) codes become (2, 5, 64)."""
    model = dense.build(dense.Layout(0, (1_000,), (), (0,), (64,)), (), 0.0, 1)
    table = model.get_layer("embedding_0")
    assert table.count_params() == 64_000
    codes = np.array([[0, 1, 2, 3, 999]] * 2, np.int32)
    made = np.asarray(table(codes))
    assert made.shape == (2, 5, 64)
    assert np.array_equal(made[0], np.asarray(table.embeddings)[codes[0]])


@pytest.mark.requirement("X-038")
def test_a_dense_layer_multiplies_rows_by_its_matrix() -> None:
    """x W + b, W of (inputs, units)."""
    model = dense.build(dense.Layout(3, (), (), (), ()), (), 0.0, 2)
    weights = dense.named_weights(model)
    assert weights["last.kernel"].shape == (3, 2)
    x = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    assert np.allclose(model(x), x @ weights["last.kernel"] + weights["last.bias"], atol=1e-6)


@pytest.mark.requirement("X-064")
def test_a_unit_that_is_never_positive_has_no_gradient() -> None:
    """w = 1, b = -10, x in [0, 1]: dead for every row. A leak keeps it alive; Keras' is 0.3."""
    import keras

    model = dense.build(dense.Layout(1, (), (), (), ()), (1,), 0.0, 1)
    unit = model.get_layer("dense_0")
    unit.set_weights([np.array([[1.0]]), np.array([-10.0])])
    x = np.linspace(0, 1, 50, dtype=np.float32)[:, None]
    assert (np.asarray(unit(x)) == 0).all()
    moved = x + np.float32(1e-2)
    assert (np.asarray(unit(moved)) == np.asarray(unit(x))).all()
    assert keras.layers.LeakyReLU().negative_slope == pytest.approx(0.3)


@pytest.mark.requirement("X-081")
def test_a_convolution_moves_along_and_pooling_forgets_where() -> None:
    """A spot three pixels further: the map is moved by three; the mean over the map is the same."""
    import keras

    model = conv.build((20, 20, 3), (4,), 0.0, 1)
    maps = keras.Model(model.inputs[0], model.get_layer("conv_0").output)
    here, there = np.zeros((2, 1, 20, 20, 3), np.uint8)
    here[0, 6:9, 6:9] = 200
    there[0, 9:12, 9:12] = 200
    a, b = (np.asarray(maps(p))[0] for p in (here, there))
    assert np.allclose(a[:-3, :-3], b[3:, 3:], atol=1e-6)
    assert not np.allclose(a, b, atol=1e-6)
    assert np.allclose(model(here), model(there), atol=1e-6)


@pytest.mark.requirement("X-083")
def test_halving_maps_shrinks_what_follows_and_no_kernel() -> None:
    """Kernels have the same weights for any size of picture; a dense layer over maps would not."""
    small, large = (conv.build((s, s, 3), (8, 16), 0.0, 10) for s in (28, 56))
    for name in ("conv_0", "conv_1"):
        assert small.get_layer(name).count_params() == large.get_layer(name).count_params()
    whole = np.prod(small.get_layer("conv_0").output.shape[1:])
    halved = np.prod(small.get_layer("conv_1").input.shape[1:])
    assert halved * 4 == whole


@pytest.mark.requirement("X-080")
def test_a_patch_of_three_is_a_slice_of_three() -> None:
    """Around i: i - 1 to i + 2 in Python. Convolved by hand it is what the layer says."""
    import keras

    model = conv.build((8, 8, 3), (2,), 0.0, 1)
    maps = keras.Model(model.inputs[0], model.get_layer("conv_0").output)
    picture = Seed(1).rng().integers(0, 256, size=(1, 8, 8, 3)).astype(np.uint8)
    kernel, bias = (np.asarray(w, float) for w in model.get_layer("conv_0").get_weights())
    i, j = 4, 5
    patch = picture[0, i - 1 : i + 2, j - 1 : j + 2] / 255
    assert patch.shape == (3, 3, 3) and picture[0, i - 1 : i + 1].shape[0] == 2
    by_hand = np.maximum(0, np.tensordot(patch, kernel, axes=3) + bias)
    assert np.allclose(np.asarray(maps(picture))[0, i - 1, j - 1], by_hand, atol=1e-5)


@pytest.mark.requirement("MODEL-19")
@pytest.mark.parametrize("normalization", ["none", "batch"])
@pytest.mark.parametrize("activation", CARD.space["activation"].values)  # type: ignore[union-attr]
def test_every_activation_is_the_same_in_the_graph(activation: str, normalization: str) -> None:
    """Between layers; the last one is linear, sigmoid or softmax by the task."""
    layout = dense.Layout(3, (), (), (), ())
    style = dense.Style(activation=activation, normalization=normalization)
    model = dense.build(layout, (6, 5), 0.0, 1, style)
    rng = np.random.default_rng(0)
    model.set_weights([rng.uniform(0.1, 1, w.shape) - 0.3 * (w.ndim > 1) for w in model.get_weights()])  # fmt: skip
    x = rng.normal(size=(40, 3)).astype(np.float32)
    parts = {"x": Part("numbers", x, ("a", "b", "c"), ("a", "b", "c"), (False,) * 3, (0,) * 3)}
    ends = {"target_mean": np.array(0.0), "target_deviation": np.array(1.0)}
    state = {**layout.arrays(), **dense.named_weights(model), **ends}
    settings = {"activation": activation, "normalization": normalization}
    block = Block(parts, np.arange(40))
    made = graph_prediction(CARD, state, TASKS["regression"], settings, block)
    assert np.allclose(made[:, 0], np.asarray(model(x, training=False))[:, 0], atol=1e-5)


@pytest.mark.requirement("MODEL-19", "MODEL-24")
def test_the_last_activation_follows_the_task() -> None:
    told = {kind: head(TASKS[kind]).activation for kind in ("binary", "multiclass", "regression")}
    assert told == {"binary": "sigmoid", "multiclass": "softmax", "regression": "none"}
    known = set(CARD.space["activation"].values)  # type: ignore[union-attr]
    assert known >= {"relu", "sigmoid", "tanh", "prelu", "elu", "leaky_relu"}
