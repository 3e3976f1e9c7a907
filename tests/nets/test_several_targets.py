"""Several targets share all layers of a network but the last one."""

import numpy as np
import onnxruntime
import pytest

from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.graph.tape import Tape
from heldout.models import per_target
from heldout.models.card import MODELS, FitInput
from heldout.models.nets.head import answer, head, mean_loss, scaling, targets
from heldout.models.state import dumps, loads
from heldout.primitives.block import Block, Part
from heldout.tasks.task import Task

LABELS = Task(
    "multilabel", "a, b, c", "roc_auc", True,
    parts=tuple(Task("binary", t, "roc_auc", True, ("no", "yes"), "yes") for t in "abc"),
)  # fmt: skip
NUMBERS = Task(
    "vector_regression",
    "u, v",
    "rmse",
    False,
    parts=(Task("regression", "u", "rmse", False), Task("regression", "v", "rmse", False)),
)
SMALL = {
    "dense_net": {"units": 32, "layers": 1, "epochs": 16},
    "wide_deep": {"units": 32, "layers": 1, "epochs": 16},
    "realmlp": {"units": 32, "layers": 1, "epochs": 16},
}


def block(rows=400):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(rows, 3)).astype(np.float32)
    codes = rng.integers(2, 6, size=(rows, 1)).astype(np.int32)
    parts = {
        "x": Part("numbers", x, tuple("pqr"), tuple("pqr")),
        "codes": Part("codes", codes, ("k",), ("k",), sizes=(6,)),
    }
    raw = np.stack([x[:, 0], x[:, 1] - x[:, 0], x[:, 2] + (codes[:, 0] % 2) - 1], axis=1)
    return Block(parts, np.arange(rows)), raw + 0.3 * rng.normal(size=(rows, 3))


@pytest.mark.requirement("MODEL-24", "LOSS-01", "X-040")
def test_the_last_layer_of_several_targets():
    assert head(LABELS).units == 3 and head(LABELS).loss == "binary_crossentropy"
    assert head(LABELS).activation == "sigmoid"
    assert head(NUMBERS).units == 2 and head(NUMBERS).loss == "mean_squared_error"
    z = np.array([[0.3, -1.0, 2.0], [0.0, 4.0, -3.0]], np.float32)
    p = answer(LABELS, z, 0.0, 1.0)
    assert p == pytest.approx(1 / (1 + np.exp(-z.astype(float)))) and p.sum(axis=1)[0] != 1
    y = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    wanted = targets(LABELS, y, *scaling(LABELS, y, None))
    entropy = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    assert mean_loss(head(LABELS), z, wanted) == pytest.approx(entropy, abs=1e-7)
    values = np.array([[100.0, 0.1], [300.0, 0.3]])
    mean, deviation = scaling(NUMBERS, values, None)
    assert mean == pytest.approx([200.0, 0.2]) and deviation == pytest.approx([100.0, 0.1])


@pytest.mark.requirement("TASK-02", "MODEL-24")
@pytest.mark.parametrize("task", [LABELS, NUMBERS], ids=lambda t: t.kind)
@pytest.mark.parametrize("name", list(SMALL))
def test_one_trunk_serves_all_targets(name, task):
    card = MODELS.get(name)
    train, raw = block()
    y = (raw > 0).astype(float) if task.is_multilabel else raw[:, :2] * [100.0, 0.5] + [1e3, 0.0]
    given = FitInput(
        task, SMALL[name], train, y, None, None, None, 16, Seed(0), Deadline.never()
    )  # fmt: skip
    fitted = per_target.fit(card, given)
    assert card.joint and not any(key.startswith("t0.") for key in fitted.state)
    p = fitted.predict(train)
    assert p.shape == y.shape
    for j in range(task.outputs):
        assert np.corrcoef(p[:, j], y[:, j])[0, 1] > 0.5
    tape = Tape()
    parts = {
        "x": tape.input("x", "float", (None, 3)),
        "codes": tape.input("codes", "int32", (None, 1)),
    }
    out = per_target.to_onnx(card, loads(dumps(fitted.state)), SMALL[name], task, tape, parts)
    tape.output("out", out, "double", (None, task.outputs))
    session = onnxruntime.InferenceSession(tape.build(), providers=["CPUExecutionProvider"])
    fed = {"x": train.x, "codes": train.parts["codes"].values}
    fed = {i.name: fed[i.name] for i in session.get_inputs()}
    got = session.run(["out"], fed)[0]
    scale = 1.0 if task.is_multilabel else y.std(axis=0)
    assert (np.abs(got - p) / np.maximum(np.maximum(1.0, np.abs(p)), scale)).max() <= card.tolerance
