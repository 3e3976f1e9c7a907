"""RealMLP: the suite of learners, its initial weights, groups of weights, schedules, graph."""

from __future__ import annotations

import numpy as np
import pytest

from heldout.core.seed import Seed
from heldout.models.card import MODELS, Size
from heldout.models.nets import layers, learn, realmlp
from heldout.models.nets.optimizer import Grouped
from heldout.testing.models import (
    TASKS,
    check_model,
    graph_prediction,
)
from heldout.training.schedules import coslog4, flat_cosine
from small_blocks import check_briefly, final_fit, with_codes

keras = layers.keras  # its backend is settled by now
CARD = MODELS.get("realmlp")
QUICK = {"epochs": 12, "units": 32, "layers": 2}


@pytest.mark.slow
@pytest.mark.requirement("MODEL-11", "MODEL-26")
def test_learns_and_agrees_in_the_graph() -> None:
    check_briefly(CARD, QUICK)


@pytest.mark.slow
@pytest.mark.requirement("MODEL-11", "MODEL-26")
def test_conforms() -> None:
    check_model(CARD, QUICK)


@pytest.mark.requirement("PREP-19")
def test_waves_one_hot_and_embeddings_agree_in_the_graph() -> None:
    """Columns of up to nine codes one-hot, larger ones in embeddings of eight."""
    block = with_codes((4, 30), rows=100)
    y = 100 + 10 * block.x[:, 0].astype(np.float64) + block.parts["codes"].values[:, 1]
    fitted = final_fit(CARD, TASKS["regression"], block, y, QUICK, 2)
    assert fitted.state["embedding_0"].shape == (30, 8)
    assert fitted.state["dense_0.kernel"].shape == (3 * 4 + 4 + 8, 32)
    library = fitted.predict(block)
    graph = graph_prediction(CARD, fitted.state, TASKS["regression"], QUICK, block)
    assert np.max(np.abs(graph - library)) <= 1e-5 * max(y.std(), np.abs(library).max())
    assert y.min() <= library.min() and library.max() <= y.max()


def test_initial_weights_look_at_the_data() -> None:
    """Scores of deviation 1, and 0 somewhere among the rows for every unit."""
    layout = realmlp.layout_of(with_codes((4, 30)), 9, 8)
    block = with_codes((4, 30), rows=500)
    keras.utils.set_random_seed(3)
    model = realmlp.build(layout, (16, 16), "mish", 0.0, True, 1)
    inputs = layout.inputs(block)
    realmlp.begin(model, inputs, "mish", Seed(1).rng(), zero=False)
    for name in ("dense_0", "dense_1", "last"):
        inner = keras.Model(model.inputs, model.get_layer(name).output)
        z = np.asarray(inner(list(inputs)))
        assert np.allclose(z.std(axis=0), 1.0, atol=1e-3)
        assert (z.min(axis=0) < 0).all() and (z.max(axis=0) > 0).all()
    realmlp.begin(model, inputs, "mish", Seed(1).rng(), zero=True)
    assert not np.asarray(model(list(inputs))).any()


def test_groups_of_weights_have_a_rate_of_their_own() -> None:
    """Adam's first step is the learning rate, whatever the gradient."""
    optimizer = Grouped({"/fast": 6.0}, ("/slow",), learning_rate=0.01, weight_decay=0.1)
    with keras.name_scope("layer"):
        fast, slow = (keras.Variable(np.ones(2, np.float32), name=n) for n in ("fast", "slow"))
    optimizer.build([fast, slow])
    gradient = np.array([3.0, 0.2], np.float32)
    optimizer.apply([gradient, gradient], [fast, slow])
    assert np.allclose(1 - np.asarray(fast), 0.06, rtol=1e-4)
    assert np.allclose(1 - np.asarray(slow), 0.01 + 0.001, rtol=1e-4)
    assert optimizer.get_config()["factors"] == {"/fast": 6.0}


@pytest.mark.requirement("TRAIN-11")
def test_a_final_fit_walks_the_schedule_up_to_the_best_epoch() -> None:
    """64 of 256 epochs are the first quarter of the schedule, not the whole of it faster."""
    whole = coslog4(0.04).over(np.arange(64), 256)
    cut = learn._part({"learning_rate": coslog4(0.04), "dropout": 0.1}, 64 / 256)
    assert np.allclose(cut["learning_rate"].over(np.arange(64), 64), whole)
    assert cut["dropout"] == 0.1
    longer = learn._part({"decay": flat_cosine(1.0)}, 2.0)["decay"]
    assert longer.over([10], 10).tolist() == [0.0]


def test_price_grows_with_the_work() -> None:
    small, large = (CARD.cost(Size(n, 20, 2), {}).seconds for n in (1_000, 50_000))
    quick = CARD.cost(Size(1_000, 20, 2), {"waves": False, "epochs": 64}).seconds
    assert quick < small < large
