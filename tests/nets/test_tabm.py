"""TabM: the suite of learners, pieces of numbers, the loss of members, the graph."""

from __future__ import annotations

import numpy as np
import pytest

from heldout.models.card import MODELS, Size
from heldout.models.nets import fitting, losses, tabm
from heldout.models.nets.dense import Layout
from heldout.models.nets.head import Head, answer, head, mean_loss
from heldout.testing.models import (
    TASKS,
    check_model,
    graph_prediction,
)
from small_blocks import check_briefly, final_fit, with_codes

CARD = MODELS.get("tabm")
QUICK = {
    "epochs": 12, "units": 32, "layers": 1, "members": 4, "bins": 8, "learning_rate": 0.005
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.requirement("MODEL-11", "MODEL-26")
def test_learns_and_agrees_in_the_graph() -> None:
    check_briefly(CARD, QUICK)


@pytest.mark.slow
@pytest.mark.requirement("MODEL-11", "MODEL-26")
@pytest.mark.parametrize("own", [False, True])
def test_conforms(own: bool) -> None:
    check_model(CARD, {**QUICK, "own": own})


@pytest.mark.slow
@pytest.mark.requirement("PREP-19")
def test_embeddings_and_members_agree_in_the_graph() -> None:
    block = with_codes((4, 81), rows=100)
    y = (block.parts["codes"].values[:, 1] % 3).astype(np.float64)
    settings = {**QUICK, "own": True, "embedding_factor": 1}
    fitted = final_fit(CARD, TASKS["multiclass"], block, y, settings, 2)
    assert fitted.state["embedding_0"].shape == (81, 3)
    graph = graph_prediction(CARD, fitted.state, TASKS["multiclass"], settings, block)
    assert np.max(np.abs(graph - fitted.predict(block))) <= 1e-6


def test_pieces_of_constant_and_nearly_constant_columns_stay_small() -> None:
    """A bin that is too narrow would send a value beside it anywhere."""
    rng = np.random.default_rng(0)
    x = np.stack([np.zeros(200), 1e-8 * rng.random(200), rng.normal(size=200)], 1)
    made = tabm.pieces(x.astype(np.float32), 16)
    assert not made["slope"][:2].any()
    assert made["slope"].max() <= 1 / tabm.NARROW
    far = (100.0 - made["left"]) * made["slope"]
    assert np.clip(far, made["low"], made["high"]).max() == 2.0


@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_loss_is_the_mean_of_the_members_and_stopping_watches_their_mean(kind: str) -> None:
    task = TASKS[kind]
    rng = np.random.default_rng(0)
    made = head(task)
    raw = rng.normal(size=(20, 5, made.units)).astype(np.float32)
    y = rng.integers(0, max(2, task.outputs), size=20)
    wanted = y.astype(np.int32) if kind == "multiclass" else y.astype(np.float32)[:, None]
    own = np.mean([mean_loss(made, raw[:, j], wanted) for j in range(5)])
    assert np.isclose(float(losses.MeanOfMembers(made)(wanted, raw)), own, rtol=1e-5)
    p = answer(task, raw, 0.0, 1.0)
    if task.is_classification:
        together = -np.log(p[np.arange(20), y]).mean()
    else:
        together = np.mean((p[:, 0] - y) ** 2)
    measure = losses.together(made)
    measure.update_state(wanted, raw)
    assert np.isclose(float(measure.result()), together, rtol=1e-5)


def test_a_median_is_learned_where_asked() -> None:
    raw = np.array([[[1.0], [3.0]]], np.float32)
    kind = Head(1, "none", "mean_absolute_error")
    assert float(losses.MeanOfMembers(kind)(np.zeros((1, 1), np.float32), raw)) == 2.0


def test_folds_share_one_program_though_their_bins_differ() -> None:
    """Bins are weights of the model: another fold is another member, not another program."""
    fitting._NETS.clear()
    states = []
    for rows in (60, 64):
        block = with_codes((4,), rows=rows)
        fitted = final_fit(CARD, TASKS["binary"], block, np.arange(rows) % 2.0, QUICK, 1)
        states.append(fitted.state)
    assert len(fitting._NETS) == 1
    (made,) = fitting._NETS.values()
    assert len(made.structure.programs) == 1
    assert not np.array_equal(states[0]["piecewise.left"], states[1]["piecewise.left"])


def test_members_differ_by_their_input() -> None:
    layout = Layout.of(with_codes((4,)), 32, 1)
    model = tabm.build(layout, (8,), 6, 4, 5, False, 0.0, 1)
    factor = np.asarray(model.get_layer("members").factor)
    assert factor.shape == (6, 3 * 5 + 4)
    assert np.array_equal(factor[:, 0], factor[:, 4]) and len(np.unique(factor[:, 0])) == 6
    assert model.output_shape == (None, 6, 1)


def test_price_grows_with_members() -> None:
    few, many = (CARD.cost(Size(5_000, 20, 2), {"members": k}).seconds for k in (8, 32))
    assert 2 * few < many
