"""One graph from raw columns to the decision: Telco, native categories, three classes, blends."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.models.assemble import Member, assemble, assemble_null
from heldout.models.blend import blend, shares
from heldout.models.calibrate import apply
from heldout.models.card import CALIBRATORS, MODELS, FitInput
from heldout.models.link import sigmoid
from heldout.models.trees import Trees, sums
from heldout.models.trees_lightgbm import read as read_lightgbm
from heldout.primitives.hostile import columns as hostile_columns
from heldout.primitives.views import make_spec
from heldout.tables.read import read
from heldout.tables.schema import Column, Schema
from heldout.tasks.state import encode, state
from heldout.tasks.task import Task

ROUNDS = {"lightgbm": 40}
SETTINGS = {
    "lightgbm": {"learning_rate": 0.1, "per_group": 5, "onehot": 4},
    "random_forest": {"trees": 20, "nodes": 20_000},
    "extra_trees": {"trees": 20, "nodes": 20_000},
}


@pytest.fixture(scope="module")
def telco(data_folder: Path):
    table = read(data_folder / "tables" / "binary" / "telco_churn.csv")
    roles = {c.name: "ignored" for c in table.schema.inputs if c.distinct > 5_000}
    table = table.with_schema(table.schema.with_roles(roles, "an id"))
    return table.take(np.arange(3_000))


def stated(table, target: str):
    schema = table.schema.with_roles({target: "target"}, "said")
    table = table.with_schema(schema)
    task = state(table, target)
    return table, task, encode(task, table)


def opened(model: bytes) -> onnxruntime.InferenceSession:
    """On one thread: more would add the trees up in another order (4e-16)."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def run(model: bytes, columns, schema: Schema) -> dict[str, np.ndarray]:
    session = opened(model)
    feeds = {c.name: columns[c.name].reshape(-1, 1) for c in schema.inputs}
    names = [o.name for o in session.get_outputs()]
    return dict(zip(names, session.run(names, feeds), strict=True))


def fitted_members(table, task: Task, y, cards):
    """Recipes by view, fitted models and members."""
    recipes, blocks, fits, members = {}, {}, [], []
    for name in cards:
        card = MODELS.get(name)
        if card.view not in recipes:
            spec = make_spec(card.view, table.schema, task)
            folds = [(np.arange(0, len(y), 2), np.arange(1, len(y), 2))]
            folds.append((folds[0][1], folds[0][0]))
            recipes[card.view], blocks[card.view] = spec.fit(
                table.arrays(), y, None, folds, Seed(0)
            )
        settings = SETTINGS.get(name, {})
        given = FitInput(
            task=task,
            settings=settings,
            train=blocks[card.view],
            y=y,
            weights=None,
            inner=None,
            y_inner=None,
            rounds=ROUNDS.get(name),
            seed=Seed(1),
            deadline=Deadline.never(),
        )
        fit = card.fit_one(given)
        fits.append(fit)
        members.append(Member(name, settings, fit.state, float(len(members) + 1)))
    return recipes, fits, members


@pytest.mark.requirement("MODEL-08", "PREP-22")
@pytest.mark.parametrize("target", ["Churn", "Contract", "MonthlyCharges"])
def test_trees_of_lightgbm_are_bit_for_bit_the_library(telco, target: str) -> None:
    """Two classes, three classes, values; native categories; hostile rows; raw scores."""
    table, task, y = stated(telco, target)
    recipes, fits, members = fitted_members(table, task, y, ["lightgbm"])
    recipe = recipes["trees"]
    state_ = members[0].state
    assert (state_["size"] > 0).any(), "categories are split as sets"
    hostile = hostile_columns(table.schema, 20_000, Seed(3))
    graph = run(
        assemble(task, table.schema, recipes, members, extra_outputs=True).model,
        hostile,
        table.schema,
    )
    block = recipe.transform(hostile)
    assert np.array_equal(graph["part.trees.x"], block.x, equal_nan=True)
    library = fits[0].predict(block)
    if not task.is_classification:
        assert np.array_equal(graph["prediction"], library)
        return
    assert np.max(np.abs(graph["probability"] - library)) <= 1e-15
    raw = raw_scores(Trees.from_state(state_), task, block.x)
    if task.outputs == 2:
        assert np.array_equal(sigmoid(raw)[:, 0], library[:, 1])
    else:
        assert np.array_equal(np.argmax(raw, axis=1), np.argmax(library, axis=1))


def raw_scores(trees: Trees, task: Task, x: np.ndarray) -> np.ndarray:
    from heldout.graph.tape import Tape

    tape = Tape()
    width = task.outputs if task.outputs > 2 else 1
    name = tape.input("x", "float", (None, x.shape[1]))
    tape.output("raw", sums(trees, width, tape, tape.cast(name, "double")), "double", (None, width))
    return opened(tape.build()).run(None, {"x": x})[0]


@pytest.mark.requirement("PREP-22")
@pytest.mark.parametrize("outputs", [1, 3])
def test_raw_scores_are_bit_equal_on_any_float32(outputs: int) -> None:
    """Without recipe: NaN, zeros of both signs, denormals, infinities, codes never seen."""
    from heldout.models._lightgbm import lightgbm

    lgb = lightgbm()
    rng = Seed(8).rng()
    x = rng.normal(size=(3_000, 5)).astype(np.float32)
    x[rng.random(len(x)) < 0.2, 0] = np.nan
    x[:, 3], x[:, 4] = rng.integers(0, 300, len(x)), rng.integers(0, 6, len(x))
    z = np.nan_to_num(x[:, 0]) + x[:, 1] * x[:, 2] + (x[:, 3] % 3 == 1) + (x[:, 4] == 2)
    y = z if outputs == 1 else np.digitize(z, [0.0, 1.0])
    params = {
        "objective": "regression" if outputs == 1 else "multiclass", "num_class": outputs,
        "verbosity": -1, "num_threads": 1, "min_data_per_group": 2, "cat_smooth": 1,
    }  # fmt: skip
    data = lgb.Dataset(x, y, categorical_feature=[3, 4], params=params)
    booster = lgb.train(params, data, 60)
    trees = read_lightgbm(booster.model_to_string(), outputs)
    assert (trees.size > 20).any(), "large sets"
    edges = np.array(
        [np.nan, 0, -0.0, 1e-40, -1e-40, 1e-35, 1.0000000180025095e-35, np.inf, -np.inf, 3.4e38],
        dtype=np.float32,
    )
    t = rng.normal(size=(20_000, 5)).astype(np.float32)
    where = rng.random((len(t), 3)) < 0.3
    t[:, :3][where] = rng.choice(edges, size=int(where.sum()))
    t[:, 3] = rng.choice(np.append(np.arange(-2, 400), np.nan), size=len(t))
    t[:, 4] = rng.integers(-1, 9, len(t))
    kind = "regression" if outputs == 1 else "multiclass"
    task = Task(kind, "t", "mae", False, ("a", "b", "c") if outputs == 3 else ())
    library = booster.predict(t, raw_score=True).reshape(len(t), outputs)
    assert np.array_equal(raw_scores(trees, task, t), library)


@pytest.mark.requirement("PREP-22")
@pytest.mark.parametrize("positive", ["Yes", "No"])
def test_a_blend_with_calibration_and_decision_on_hostile_rows(telco, positive: str) -> None:
    table, task, y = stated(telco, "Churn")
    task = dataclasses.replace(task, positive=positive)
    cards = ["lightgbm", "logistic", "extra_trees", "decision_tree", "naive_bayes"]
    recipes, fits, members = fitted_members(table, task, y, cards)
    hostile = hostile_columns(table.schema, 3_000, Seed(4))
    blocks = {view: recipe.transform(hostile) for view, recipe in recipes.items()}
    single = [f.predict(blocks[m.view]) for f, m in zip(fits, members, strict=True)]
    blended = blend(single, [m.weight for m in members])
    for name in CALIBRATORS.names():
        fitted = CALIBRATORS.get(name).fit(blended[: len(y)], y[: len(blended)], task)
        chosen = (name, fitted)
        built = assemble(task, table.schema, recipes, members, chosen, 0.31, extra_outputs=True)
        graph = run(built.model, hostile, table.schema)
        expected = apply(chosen, blended)
        for i, p in enumerate(single):
            assert np.max(np.abs(graph[f"member.{i}"] - p)) <= MODELS.get(cards[i]).tolerance
        assert np.max(np.abs(graph["probability"] - expected)) <= 1e-12
        code = task.positive_code
        assert np.array_equal(
            graph["decision"], np.where(graph["probability"][:, code] >= 0.31, code, 1 - code)
        )
        assert set(built.outputs) == set(graph)
    assert built.tree_nodes == sum(f.numbers.get("tree_nodes", 0) for f in fits)


@pytest.mark.requirement("PREP-22")
def test_values_and_equal_bytes(telco) -> None:
    table, task, y = stated(telco, "MonthlyCharges")
    cards = ["ridge", "random_forest", "elastic_net"]
    recipes, fits, members = fitted_members(table, task, y, cards)
    built = assemble(task, table.schema, recipes, members)
    assert built.model == assemble(task, table.schema, recipes, members).model
    hostile = hostile_columns(table.schema, 2_000, Seed(5))
    blocks = {view: recipe.transform(hostile) for view, recipe in recipes.items()}
    single = [f.predict(blocks[m.view]) for f, m in zip(fits, members, strict=True)]
    expected = blend(single, [m.weight for m in members])
    graph = run(built.model, hostile, table.schema)
    assert set(graph) == {"prediction"}
    assert np.max(np.abs(graph["prediction"] - expected)) <= 1e-12 * y.std()


SMALL = Schema(
    (
        Column("probability", "number"),  # called like an output
        Column("plan", "category", levels=("a", "b")),
        Column("t", "category", role="target"),
    )
)


@pytest.mark.parametrize(
    ("task", "constant"),
    [
        (Task("binary", "t", "roc_auc", True, ("no", "yes"), "yes"), [0.8, 0.2]),
        (Task("multiclass", "t", "log_loss", False, ("a", "b", "c")), [0.2, 0.4, 0.4]),
        (Task("regression", "t", "mae", False), [7.5]),
    ],
)
def test_the_null_model_is_a_graph_too(task: Task, constant: list[float]) -> None:
    built = assemble_null(task, SMALL, np.array(constant))
    session = opened(built.model)
    for rows in (0, 1, 3):
        feeds = {
            "column:probability": np.zeros((rows, 1)),
            "plan": np.full((rows, 1), "a", dtype=object),
        }
        out = session.run(None, feeds)
        assert np.array_equal(out[0], np.tile(constant, (rows, 1)).reshape(rows, len(constant)))
        if task.is_classification:
            assert out[1].tolist() == [0 if task.outputs == 2 else 1] * rows, "ties: the lowest"


def test_shares_sum_to_one_and_one_member_passes_through() -> None:
    assert shares([1, 3]) == [0.25, 0.75]
    p = np.array([[0.1, 0.9]])
    assert blend([p], [7.0]) is p
    for bad in ([0.0, 0.0], [-1.0, 2.0]):
        with pytest.raises(ValueError, match="no shares"):
            shares(bad)


def test_a_reference_model_is_refused() -> None:
    task = Task("binary", "t", "roc_auc", True, ("no", "yes"), "yes")

    class NoRecipe:
        def to_onnx(self, tape, inputs):
            return {"x": tape.cast(inputs["probability"], "float")}

    with pytest.raises(ValueError, match="reference"):
        assemble(task, SMALL, {"linear": NoRecipe()}, [Member("k_neighbors", {}, {})])
