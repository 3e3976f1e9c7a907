"""Facts about models with known numbers, shown by our own functions."""

from __future__ import annotations

import numpy as np
import pytest

from heldout.audits.checks.conflicting_labels import _classes as ceiling
from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.graph.tape import Tape
from heldout.models.card import MODELS, FitInput, Fitted
from heldout.models.descent import Problem, minimize
from heldout.models.gram import gather
from heldout.models.linear import used
from heldout.models.logits import log_loss
from heldout.models.rows import Rows
from heldout.primitives.block import Block, Part
from heldout.stats.logits import sigmoid
from heldout.tasks.task import Task
from heldout.testing.models import graph_prediction

BINARY = Task("binary", "t", "roc_auc", True, ("no", "yes"), "yes")
VALUES = Task("regression", "t", "mae", False)
NEVER = Deadline.never()


def block(x: np.ndarray) -> Block:
    names = tuple(f"x{i}" for i in range(x.shape[1]))
    return Block({"x": Part("numbers", x.astype(np.float32), names, names)}, np.arange(len(x)))


def fit(name: str, task: Task, x: np.ndarray, y: np.ndarray, **settings) -> Fitted:
    rounds = 40 if MODELS.get(name).early_stopping else None
    given = FitInput(task, settings, block(x), y, None, None, None, rounds, Seed(0), NEVER)
    return MODELS.get(name).fit_one(given)


@pytest.mark.requirement("MODEL-02")
@pytest.mark.parametrize("degree", [2, 3])
def test_the_degree_of_a_polynomial_is_found(degree: int) -> None:
    """The smallest that does, on rows that were not fitted."""
    rng = np.random.default_rng(degree)
    x = rng.uniform(-2, 2, size=(300, 2))
    y = 1 + x[:, 1] + 2 * x[:, 0] ** degree + 0.1 * rng.normal(size=300)
    fitted = fit("polynomial", VALUES, x, y)
    assert fitted.numbers["degree"] == degree
    new = np.array([[1.5, -1.0], [-1.0, 0.5]])
    truth = 1 + new[:, 1] + 2 * new[:, 0] ** degree
    assert np.allclose(fitted.predict(block(new))[:, 0], truth, atol=0.15)


@pytest.mark.requirement("MODEL-23", "X-066")
@pytest.mark.parametrize(("problem", "better"), [("plane", "logistic"), ("cross", "lightgbm")])
def test_linear_and_nonlinear_are_both_tried_and_evaluation_decides(
    problem: str, better: str
) -> None:
    """On a plane the linear model is ahead, on a cross it is lost: no rule could have said so."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(900, 2))
    score = x @ [2.0, -1.0] if problem == "plane" else 3 * x[:, 0] * x[:, 1]
    y = (score + 0.5 * rng.normal(size=900) > 0).astype(float)
    losses = {
        name: log_loss(fit(name, BINARY, x[:600], y[:600]).predict(block(x[600:])), y[600:]).mean()
        for name in ("logistic", "lightgbm")
    }
    assert min(losses, key=lambda name: losses[name]) == better
    assert max(losses.values()) > 1.1 * min(losses.values())


@pytest.mark.requirement("X-076", "REG-03")
def test_l1_cuts_off_and_l2_shrinks() -> None:
    """Orthonormal columns, weights 3 and 0.5, strength 1: [2, 0] against [1.5, 0.25]."""
    x = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
    y = x @ np.array([3.0, 0.5])
    lasso = minimize(Problem(x, y, None, 0), 0.0, 1.0, NEVER)
    assert np.allclose(lasso.coef[:, 0], [2.0, 0.0], atol=1e-6)
    assert lasso.coef[1, 0] == 0.0
    ridge = gather(Rows(x.astype(np.float32), y, None), NEVER).solve(1.0)
    assert np.allclose(ridge.coef[:, 0], [1.5, 0.25])


@pytest.mark.requirement("X-075")
def test_a_penalty_raises_bias_and_lowers_variance() -> None:
    """Of the weights, over two hundred samples of the same population."""
    truth = np.array([1.0, -1.0, 0.5])
    found: dict[float, list[np.ndarray]] = {0.0: [], 1.0: []}
    for seed in range(200):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(30, 3))
        rows = Rows(x, x @ truth + 2 * rng.normal(size=30), None)
        for penalty, made in found.items():
            made.append(gather(rows, NEVER).solve(penalty).coef[:, 0])
    free, held = np.array(found[0.0]), np.array(found[1.0])
    bias = [np.abs(made.mean(axis=0) - truth).max() for made in (free, held)]
    assert bias[0] < 0.1
    assert bias[1] > 0.4
    assert (held.var(axis=0) < 0.5 * free.var(axis=0)).all()


@pytest.mark.requirement("X-061")
def test_the_slope_of_a_sigmoid_is_a_quarter_at_most() -> None:
    """So that ten layers in a row leave less than a millionth of the gradient."""
    p = sigmoid(np.array([0.0, 10.0]))
    slope = p * (1 - p)
    assert slope[0] == 0.25
    assert slope[1] == pytest.approx(4.54e-5, rel=1e-3)
    assert slope[0] ** 10 == pytest.approx(9.54e-7, rel=1e-3)


@pytest.mark.requirement("X-065")
def test_equal_inputs_with_different_labels_cannot_be_learned_by_heart() -> None:
    """Two rows, one input, labels 0 and 1: half is the most; the audit counts that ceiling."""
    assert ceiling(np.array([0, 0]), np.array([0.0, 1.0])) == (2, 0.5)
    assert ceiling(np.array([0, 1]), np.array([0.0, 1.0])) == (0, 1.0)


@pytest.mark.requirement("X-127")
def test_when_models_were_invented() -> None:
    """Every card says who and when."""
    said = {card.name: card.invented for card in MODELS.all()}
    assert all(any(c.isdigit() for c in words) for words in said.values())
    for word in ("Verhulst 1838", "Berkson 1944", "Cox 1958"):
        assert word in said["logistic"]
    assert "McCulloch and Pitts 1943" in said["dense_net"]
    assert "perceptron" in said["dense_net"]
    for year in ("1963", "1992", "1995"):
        assert year in said["linear_svm"]
    assert "1984" in said["decision_tree"]
    assert "1995" in said["random_forest"] and "2001" in said["random_forest"]
    assert "2001" in said["lightgbm"]


@pytest.mark.requirement("PREP-17")
def test_l1_selects_features_and_the_others_leave_the_graph() -> None:
    """Of twenty columns three say something; the graph multiplies those that kept a weight."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 20)).astype(np.float32)
    y = (x[:, :3] @ [2.0, -2.0, 1.0] + rng.normal(size=400) > 0).astype(float)
    card = MODELS.get("elastic_net")
    settings = {"l1_ratio": 1.0, "strength": 0.05}
    fitted = fit("elastic_net", BINARY, x, y, **settings)
    kept = used(fitted.state["coef"])
    assert {0, 1, 2} <= set(kept.tolist()) and len(kept) < 10
    assert fitted.numbers["features_used"] == len(kept)
    made = graph_prediction(card, fitted.state, BINARY, settings, block(x))
    assert np.max(np.abs(made - fitted.predict(block(x)))) < 1e-12
    tape = Tape()
    card.to_onnx(fitted.state, settings, BINARY, tape, {"x": tape.const(x)})  # type: ignore[misc]
    assert [n.op_type for n in tape._nodes].count("Gather") == 1
