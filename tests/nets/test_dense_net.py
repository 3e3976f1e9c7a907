"""The dense network: the suite of learners, its layers and loss by task, its embeddings."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import heldout
from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.models import state as states
from heldout.models.card import MODELS, FitInput, Fitted, Size
from heldout.models.nets import dense, fitting, losses
from heldout.models.nets.head import Head, answer, head, mean_loss, scaling, targets
from heldout.models.portfolio import portfolio
from heldout.primitives.block import Block
from heldout.tasks.task import Task
from heldout.testing.models import TASKS, check_model, easy, fit, graph_prediction
from small_blocks import with_codes

CARD = MODELS.get("dense_net")
QUICK = {"epochs": 16, "units": 32, "learning_rate": 0.01}


@pytest.mark.slow
@pytest.mark.requirement("MODEL-11")
def test_conforms() -> None:
    check_model(CARD, QUICK)


@pytest.mark.requirement("MODEL-24", "LOSS-02", "LOSS-03", "LOSS-04", "LOSS-06")
@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("binary", Head(1, "sigmoid", "binary_crossentropy")),
        ("multiclass", Head(3, "softmax", "sparse_categorical_crossentropy")),
        ("regression", Head(1, "none", "mean_squared_error")),
    ],
)
def test_last_layer_and_loss_follow_the_task(kind: str, expected: Head) -> None:
    assert head(TASKS[kind]) == expected
    assert head(TASKS[kind]).activation == TASKS[kind].card.activation


@pytest.mark.requirement("LOSS-08")
@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_loss_in_numpy_is_that_of_keras(kind: str) -> None:
    """Early stopping watches the same loss, without compiling anything; extremes stay finite."""
    task = TASKS[kind]
    rng = np.random.default_rng(0)
    for objective in (None, "l1") if kind == "regression" else (None,):
        made = head(task, objective)
        raw = (50 * rng.normal(size=(40, made.units))).astype(np.float32)
        y = rng.integers(0, max(2, task.outputs), size=40).astype(np.float64)
        wanted = targets(task, y, *scaling(task, y, None))
        library = float(losses.loss(made)(wanted, raw))
        assert np.isclose(mean_loss(made, raw, wanted), library, rtol=1e-5)
        assert np.isfinite(answer(task, raw * 1e6, 0.0, 1.0)).all()


@pytest.mark.requirement("X-028", "PREP-19")
def test_embedding_width_is_the_floor_of_the_fourth_root() -> None:
    widths = {2: 1, 10: 1, 15: 1, 16: 2, 80: 2, 81: 3, 168: 3, 1_000: 5, 10_000: 10, 500_000: 26}
    assert {k: dense.embedding_width(k) for k in widths} == widths
    wide = with_codes((4, 168))
    assert dense.Layout.of(wide, 16, 1) == dense.Layout(3, (4, 168), (0,), (1,), (3,))
    assert dense.Layout.of(wide, 16, 4).widths == (12,)


@pytest.mark.requirement("PREP-19")
def test_embeddings_agree_in_the_graph_and_learn() -> None:
    """A hundred levels, each with a value of its own: the embedding finds them."""
    task, y = TASKS["regression"], np.zeros(0)
    block = with_codes((4, 102), rows=1_000)
    level = block.parts["codes"].values[:, 1]
    y = np.where(level % 2 == 0, 10.0, -10.0) + level / 10.0
    settings = {**QUICK, "epochs": 40, "embedding_factor": 4}
    fitted = _fit(task, block, y, settings, rounds=40)
    assert "embedding_0" in fitted.state
    assert np.mean((fitted.predict(block)[:, 0] - y) ** 2) < 0.3 * y.var()
    graph = graph_prediction(CARD, fitted.state, task, settings, block)
    assert np.max(np.abs(graph - fitted.predict(block))) <= 1e-5 * y.std()


@pytest.mark.requirement("MODEL-20")
def test_a_nonlinearity_stands_between_any_two_dense_layers() -> None:
    """Without it two layers are one: the product of their matrices."""
    layout = dense.Layout(5, (), (), (), ())
    model = dense.build(layout, (8, 8), 0.1, 1)
    layers = [x for x in model.layers if type(x).__name__ == "Dense"]
    assert [x.activation.__name__ for x in layers] == ["relu", "relu", "linear"]
    assert model.count_params() == (5 + 1) * 8 + (8 + 1) * 8 + (8 + 1)
    x = np.random.default_rng(1).normal(size=(20, 5))
    a, b = (
        np.random.default_rng(2).normal(size=(5, 8)),
        np.random.default_rng(3).normal(size=(8, 2)),
    )
    assert np.allclose(x @ a @ b, x @ (a @ b))


@pytest.mark.requirement("MODEL-11")
def test_parameters_are_told() -> None:
    fitted = fit(CARD, TASKS["binary"], QUICK, rows=100)
    inputs = 4 + 2 * 12
    assert fitted.numbers["parameters"] == (inputs + 1) * 32 + (32 + 1) * 32 + 33


def test_a_fit_does_not_depend_on_the_one_before() -> None:
    """The compiled model is shared; weights, optimizer and dropout masks start anew."""
    first = fit(CARD, TASKS["binary"], QUICK)
    fit(CARD, TASKS["binary"], {**QUICK, "learning_rate": 0.1}, rows=700)
    fitting._NETS.clear()
    again = fit(CARD, TASKS["binary"], QUICK)
    fit(CARD, TASKS["binary"], {**QUICK, "learning_rate": 0.1}, rows=700)
    third = fit(CARD, TASKS["binary"], QUICK)
    assert states.dumps(first.state) == states.dumps(again.state) == states.dumps(third.state)
    block, _ = easy("net", 30, 9, "binary")
    assert np.array_equal(first.predict(block), third.predict(block))


def test_weights_of_samples_count() -> None:
    """Samples of weight 0 teach nothing."""
    block, y = easy("net", 600, 0, "binary")
    wrong = np.where(np.arange(600) < 300, 1 - y, y)
    weights = np.where(np.arange(600) < 300, 0.0, 1.0)
    fitted = _fit(TASKS["binary"], block, wrong, QUICK, weights=weights, rounds=16)
    new, truth = easy("net", 300, 1, "binary")
    assert np.mean((fitted.predict(new)[:, 1] > 0.5) == truth) > 0.75


def test_the_deadline_stops_softly() -> None:
    """The best so far is kept and marked."""
    late = fit(
        CARD, TASKS["binary"], {**QUICK, "epochs": 256}, rows=5_000, deadline=Deadline.after(0.3)
    )
    assert late.stopped
    assert 1 <= late.rounds < 256
    assert not fit(CARD, TASKS["binary"], QUICK).stopped


def test_the_backend_is_set_in_one_place() -> None:
    """KERAS_BACKEND in ``training`` alone; Keras imported by ``models.nets`` and ``training``."""
    root = Path(heldout.__file__).parent
    setting, importing = set(), set()
    for path in root.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        room = path.relative_to(root).as_posix()
        if re.search(r"environ.*KERAS_BACKEND", text):
            setting.add(room)
        if re.search(r"^\s*(import|from) (keras|jax)\b", text, re.MULTILINE):
            importing.add(room)
    assert setting == {"training/__init__.py"}
    assert all(room.startswith(("models/nets/", "training/")) for room in importing)


def test_price_grows_with_the_work() -> None:
    small, large = (CARD.cost(Size(n, 20, 2), {}).seconds for n in (1_000, 50_000))
    assert 1.5 < small < large
    assert CARD.cost(Size(50_000, 20, 2), {"units": 256}).seconds > large


def _fit(
    task: Task,
    block: Block,
    y: np.ndarray,
    settings: dict,
    *,
    weights: np.ndarray | None = None,
    rounds: int | None = None,
) -> Fitted:
    given = FitInput(
        task, settings, block, y, weights, None, None, rounds, Seed(5), Deadline.never()
    )
    return CARD.fit_one(given)


def test_portfolio_tries_a_network_where_it_can_pay() -> None:
    """From a minute on, on tables that are neither tiny nor, in one minute, large."""

    def tried(rows: int, budget: float, task: Task = TASKS["binary"]) -> list[str]:
        return [c.name for c in portfolio(task, Size(rows, 20, task.outputs), budget)]

    assert "dense_net" in tried(5_000, 60.0)
    assert "dense_net" not in tried(5_000, 30.0) + tried(100, 60.0) + tried(50_000, 60.0)
    assert "dense_net" in tried(50_000, 300.0)
    chosen = portfolio(TASKS["regression"], Size(5_000, 20, 1), 60.0)
    assert next(c for c in chosen if c.card == "dense_net").settings["objective"] == "l1"
