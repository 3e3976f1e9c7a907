"""The convolutional network: the suite of learners, the shapes that textbooks count, the graph."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.models.card import MODELS, FitInput, Size
from heldout.models.nets import conv
from heldout.models.portfolio import portfolio
from heldout.primitives.block import Block, Part
from heldout.testing.models import TASKS, check_model, fit, graph_prediction

CARD = MODELS.get("convnet")
QUICK = {"epochs": 8, "filters": 8, "learning_rate": 0.02, "layers": 1}


@pytest.mark.slow
@pytest.mark.requirement("VISION-02", "MODEL-12")
def test_conforms_on_two_classes() -> None:
    check_model(dataclasses.replace(CARD, tasks=("binary",)), QUICK)


@pytest.mark.slow
@pytest.mark.requirement("VISION-02")
def test_conforms() -> None:
    check_model(CARD, QUICK)


@pytest.mark.requirement("VISION-02", "X-082")
def test_shapes_and_parameters_are_those_of_the_textbook() -> None:
    """28 x 28 in gray: 26, pooled 13, 11, pooled 5, 3; 320 + 18,496 + 73,856 parameters; a first
    layer on three colors has 896."""
    model = conv.build((28, 28, 1), (32, 64, 128), 0.5, 10)
    shapes = {x.name: tuple(x.output.shape[1:]) for x in model.layers}
    assert shapes["conv_0"] == (26, 26, 32)
    assert shapes["conv_1"] == (11, 11, 64)
    assert shapes["conv_2"] == (3, 3, 128)
    assert [s for n, s in shapes.items() if n.startswith("max_pool")] == [(13, 13, 32), (5, 5, 64)]
    counts = {x.name: x.count_params() for x in model.layers}
    assert [counts[f"conv_{i}"] for i in range(3)] == [320, 18_496, 73_856]
    colors = conv.build((28, 28, 3), (32,), 0.0, 1)
    assert colors.get_layer("conv_0").count_params() == 896


@pytest.mark.requirement("VISION-03")
def test_bigger_pictures_get_more_layers() -> None:
    assert [conv.depth(side, side, 5) for side in (8, 16, 28, 64, 128)] == [1, 2, 3, 4, 5]


@pytest.mark.requirement("VISION-01")
def test_pictures_are_rescaled_inside_the_model() -> None:
    model = conv.build((16, 16, 3), (4,), 0.0, 1)
    assert model.get_layer("rescale").scale == 1.0 / 255.0
    assert model.inputs[0].dtype == "uint8"


def test_shrunk_pictures_agree_in_the_graph() -> None:
    """Pooling by the mean first; odd sides lose their last row as in Keras."""
    rng = Seed(1).rng()
    pictures = rng.integers(0, 256, size=(60, 26, 30, 3), dtype=np.uint8)
    block = Block({"image": Part("image", pictures, ("p",), ("p",))}, np.arange(60))
    settings = {**QUICK, "shrink": 4, "epochs": 2}
    given = FitInput(
        TASKS["multiclass"], settings, block, np.arange(60) % 3.0, None, None, None, 2, Seed(2),
        Deadline.never(),
    )  # fmt: skip
    fitted = CARD.fit_one(given)
    graph = graph_prediction(CARD, fitted.state, given.task, settings, block)
    assert np.max(np.abs(graph - fitted.predict(block))) <= 1e-6
    again = CARD.fit_one(dataclasses.replace(given))
    assert np.array_equal(again.predict(block), fitted.predict(block))


def test_parameters_and_shapes_are_told() -> None:
    told = fit(CARD, TASKS["binary"], {**QUICK, "epochs": 1}, rows=100).numbers
    assert told["parameters"] == (27 + 1) * 8 + (8 + 1)
    assert told["shapes"][0] == [16, 16, 3]
    assert told["shapes"][-1] == [1]


def test_portfolio_looks_at_pictures_only_where_there_are_some() -> None:
    task, size = TASKS["binary"], Size(1_000, 1, 2)
    names = [c.name for c in portfolio(task, size, 300.0, pictures=True)]
    assert names == ["logistic", "lightgbm_fast", "convnet_small", "convnet"]
    assert all(c.card != "convnet" for c in portfolio(task, size, 300.0))
    assert portfolio(task, size, 60.0, only=["convnet"]) == []
    assert [c.card for c in portfolio(task, size, 60.0, ["convnet"], pictures=True)] == ["convnet"]


def test_price_counts_operations() -> None:
    """Twice the side is four times the work; shrinking takes it back."""
    at = {s: CARD.cost(Size(5_000, 3 * s * s, 2), {}).seconds for s in (32, 64)}
    assert at[64] > 3 * at[32]
    assert CARD.cost(Size(5_000, 3 * 64 * 64, 2), {"shrink": 2}).seconds == at[32]


@pytest.mark.requirement("VISION-07")
def test_augmented_pictures_are_shifted_anew_and_hold_nothing_new() -> None:
    import jax

    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (5, 24, 24, 3)).astype(np.uint8)
    assert conv.augmentation("none", 24, 24) is None
    for kind in ("shift", "flip"):
        augmented = conv.augmentation(kind, 24, 24)
        assert augmented is not None
        one, other = (np.asarray(augmented(x, jax.random.key(k))) for k in (0, 1))
        assert one.shape == x.shape and one.dtype == np.uint8
        assert (one != other).any() and (one != x).any()
        for before, after in zip(x, one, strict=True):
            mirrored = before[:, ::-1] if kind == "flip" else before
            middle = after[8:16, 8:16]  # shifts reach two pixels
            places = [
                (middle == p[8 + i : 16 + i, 8 + j : 16 + j]).all()
                for p in (before, mirrored)
                for i in range(-2, 3)
                for j in range(-2, 3)
            ]
            assert any(places)
