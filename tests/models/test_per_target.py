"""One fit for each of several targets: any learner, one graph."""

from dataclasses import replace

import numpy as np
import onnxruntime
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.multioutput import MultiOutputClassifier, MultiOutputRegressor
from sklearn.tree import DecisionTreeRegressor

from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.graph.tape import Tape
from heldout.models import calibrate, per_target
from heldout.models.card import MODELS, FitInput, Size
from heldout.models.state import dumps, loads
from heldout.models.trees import nodes_in
from heldout.primitives.block import Block, Part
from heldout.tasks.task import Task

LABELS = Task(
    "multilabel", "a, b, c", "roc_auc", True,
    parts=tuple(Task("binary", t, "roc_auc", True, ("no", "yes"), "yes") for t in "abc"),
)  # fmt: skip
NUMBERS = Task(
    "vector_regression", "u, v", "rmse", False,
    parts=(
        Task("regression", "u", "rmse", False, scale=100.0),
        Task("regression", "v", "rmse", False, scale=0.5),
    ),
)  # fmt: skip
ROWS = 400


def block(x):
    return Block({"x": Part("numbers", x.astype(np.float32), tuple("pqr"), tuple("pqr"))},
                 np.arange(len(x)))  # fmt: skip


def case(task):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(ROWS, 3))
    noise = rng.normal(size=(ROWS, 3))
    raw = np.stack([x[:, 0], x[:, 1] - x[:, 0], x[:, 2] - 1], axis=1) + 0.5 * noise
    y = (raw > 0).astype(float) if task.is_multilabel else raw[:, :2] * [100.0, 0.5]
    return block(x), y


def given(task, settings=None, rounds=None, y=None, inner=False):
    train, truth = case(task)
    truth = truth if y is None else y
    return FitInput(
        task, settings or {}, train, truth, None, train if inner else None,
        truth if inner else None, rounds, Seed(0), Deadline.never(),
    )  # fmt: skip


def graph(card, fitted, task, x, settings=None):
    tape = Tape()
    parts = {"x": tape.input("x", "float", (None, 3))}
    kept = loads(dumps(fitted.state))
    out = per_target.to_onnx(card, kept, settings or {}, task, tape, parts)
    tape.output("out", out, "double", (None, task.outputs))
    session = onnxruntime.InferenceSession(tape.build(), providers=["CPUExecutionProvider"])
    return session.run(["out"], {"x": x})[0]


def learners(kind):
    return [n for n in MODELS.names() if kind in MODELS.get(n).tasks
            and MODELS.get(n).family != "net" and MODELS.get(n).view in ("trees", "linear")]  # fmt: skip


CASES = [(n, LABELS) for n in learners("binary")] + [(n, NUMBERS) for n in learners("regression")]


@pytest.mark.requirement("TASK-02", "LOSS-01")
@pytest.mark.parametrize(("name", "task"), CASES, ids=[f"{n}-{t.kind}" for n, t in CASES])
def test_every_learner_serves_several_targets(name, task):
    """Without a change to its card; in the graph within its own tolerance."""
    card = MODELS.get(name)
    settings = {"trees": 10} if "trees" in card.space else {}
    fitted = per_target.fit(card, given(task, settings, rounds=20 if card.early_stopping else None))
    train, y = case(task)
    p = fitted.predict(train)
    assert p.shape == y.shape and np.isfinite(p).all()
    for j in range(task.outputs):
        assert np.corrcoef(p[:, j], y[:, j])[0, 1] > 0.4
    assert per_target.does(card, task)
    if card.bundles:
        got = graph(card, fitted, task, train.x, settings)
        gap = np.abs(got - p) / np.maximum(1.0, np.abs(p))
        assert gap.max() <= card.tolerance


@pytest.mark.requirement("TASK-02")
def test_the_same_as_scikit_learns_wrappers():
    train, y = case(LABELS)
    mine = per_target.fit(MODELS.get("decision_tree"), given(NUMBERS))
    values = case(NUMBERS)[1]
    one = DecisionTreeRegressor(max_depth=1, random_state=0)
    theirs = MultiOutputRegressor(one).fit(train.x, values).predict(train.x)
    assert np.abs(mine.predict(train) - values).mean() < np.abs(theirs - values).mean()
    own = per_target.fit(MODELS.get("logistic"), given(LABELS)).predict(train)
    wrapped = MultiOutputClassifier(LogisticRegression(C=1.0)).fit(train.x, y)
    other = np.stack([p[:, 1] for p in wrapped.predict_proba(train.x)], axis=1)
    assert np.abs(own - other).max() < 0.06  # another penalty
    for j, part in enumerate(LABELS.parts):
        alone = replace(
            given(LABELS), task=part, y=y[:, j], seed=Seed(0).child("target", part.target)
        )
        single = MODELS.get("logistic").fit_one(alone).predict(train)
        assert (own[:, j] == single[:, 1]).all()


def test_rounds_of_each_target_survive_the_refit():
    card = MODELS.get("lightgbm")
    fitted = per_target.fit(card, given(LABELS, inner=True))
    assert fitted.rounds == max(fitted.chosen[f"t{j}.rounds"] for j in range(3))
    settings = dict(fitted.chosen) | {"t0.rounds": 20.0, "t1.rounds": 10.0, "t2.rounds": 40.0}
    again = per_target.fit(card, given(LABELS, settings, rounds=80))
    counts = [len(per_target.of_target(again.state, j)["roots"]) for j in range(3)]
    assert counts == [40, 20, 80]
    assert nodes_in(again.state) == sum(
        nodes_in(per_target.of_target(again.state, j)) for j in range(3)
    )
    assert nodes_in(again.state) > 0


def test_a_target_that_never_varies_in_training_gets_its_constant():
    y = case(LABELS)[1].copy()
    y[:, 1] = 1.0
    card = MODELS.get("logistic")
    fitted = per_target.fit(card, given(LABELS, y=y))
    train, _ = case(LABELS)
    assert (fitted.predict(train)[:, 1] == 1.0).all()
    got = graph(card, fitted, LABELS, train.x)
    assert (got[:, 1] == 1.0).all() and np.abs(got - fitted.predict(train)).max() <= 1e-12


@pytest.mark.requirement("EVAL-21")
def test_each_label_is_calibrated_by_itself():
    rng = np.random.default_rng(3)
    true = rng.random((3_000, 3))
    y = (rng.random((3_000, 3)) < true).astype(float)
    p = true.copy()
    p[:, 1] = true[:, 1] ** 3  # only this one lies
    found = calibrate.decide(p, y, LABELS)
    assert found.calibrator is not None and next(iter(found.gains)).startswith("b: ")
    kinds = [one is None for one in found.calibrator[1]["labels"]]
    assert kinds == [True, False, True]
    fixed = calibrate.apply(found.calibrator, p)
    assert np.abs(fixed[:, 1] - true[:, 1]).mean() < 0.3 * np.abs(p[:, 1] - true[:, 1]).mean()
    assert (fixed[:, 0] == p[:, 0]).all()
    tape = Tape()
    name = calibrate.to_onnx(found.calibrator, tape, tape.input("p", "double", (None, 3)))
    tape.output("out", name, "double", (None, 3))
    session = onnxruntime.InferenceSession(tape.build(), providers=["CPUExecutionProvider"])
    assert np.abs(session.run(["out"], {"p": p})[0] - fixed).max() <= 1e-12
    folds = np.arange(3_000) % 5
    crossed = calibrate.cross_fitted(p, y, folds, LABELS)
    assert crossed.shape == p.shape and (crossed[:, 0] == p[:, 0]).all()


def test_a_price_counts_the_targets():
    card, size = MODELS.get("logistic"), Size(1_000, 10, 3)
    one = card.cost(Size(1_000, 10, 2), {}).seconds
    assert per_target.price(card, size, {}, LABELS).seconds == pytest.approx(3 * one)
