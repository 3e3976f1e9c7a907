"""Intervals and sets cover what they promise, in NumPy and in the graph alike."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest

from heldout.core.seed import Seed
from heldout.graph.tape import Tape
from heldout.models import conformal
from heldout.tasks.task import Task

VALUES = Task("regression", "y", "mae", False)
CLASSES = Task("multiclass", "y", "log_loss", False, classes=("a", "b", "c"))


def skewed(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Errors that grow with the answer, more above than below."""
    p = rng.uniform(1, 10, n)
    return p[:, None], p + p * (rng.lognormal(size=n) - 1.65) / 5


def three(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities that are too sure, one class rare."""
    z = rng.normal(size=(n, 3)) + np.array([1.0, 0.0, -1.5])
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    y = (p.cumsum(axis=1) > rng.uniform(size=n)[:, None]).argmax(axis=1)
    sure = p**2 / (p**2).sum(axis=1, keepdims=True)
    return sure, y.astype(float)


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95])
def test_coverage_is_kept_on_new_rows(level: float) -> None:
    """Mean over 30 calibrations of 400 rows, each on 2,000 new ones; both tails alike."""
    hits, below, above, sets = [], [], [], []
    for seed in range(30):
        rng = Seed(seed).rng()
        state = conformal.fit(*skewed(400, rng), VALUES, level)
        assert state is not None
        p, y = skewed(2_000, rng)
        lower, upper = conformal.band(state, p)
        hits.append(conformal.covered(state, p, y, VALUES).mean())
        below.append((y < lower).mean())
        above.append((y > upper).mean())
        state = conformal.fit(*three(400, rng), CLASSES, level)
        assert state is not None
        sets.append(conformal.covered(state, *three(2_000, rng), CLASSES).mean())
    assert level - 0.012 < np.mean(hits) < level + 0.02
    assert level - 0.012 < np.mean(sets) < level + 0.06  # a set is never empty
    assert np.mean(below) == pytest.approx((1 - level) / 2, abs=0.015)
    assert np.mean(above) == pytest.approx((1 - level) / 2, abs=0.015)


def test_every_class_with_enough_rows_keeps_its_own_promise() -> None:
    """The rare class too, not only the average."""
    rng = Seed(1).rng()
    state = conformal.fit(*three(6_000, rng), CLASSES, 0.9)
    assert state is not None
    p, y = three(20_000, rng)
    hit = conformal.covered(state, p, y, CLASSES)
    for code in range(3):
        assert hit[y == code].mean() == pytest.approx(0.9, abs=0.03)


def test_intervals_follow_the_size_of_the_errors() -> None:
    """Where errors grow with the answer, so do the intervals; where not, all are alike."""
    rng = Seed(2).rng()
    state = conformal.fit(*skewed(2_000, rng), VALUES, 0.9)
    assert state is not None
    lower, upper = conformal.band(state, np.array([[2.0], [9.0]]))
    assert (upper - lower)[1] > 3 * (upper - lower)[0]
    p = rng.uniform(size=(2_000, 1))
    plain = conformal.fit(p, p[:, 0] + rng.normal(size=2_000), VALUES, 0.9)
    assert plain is not None
    assert plain["scale"] == [1.0, 1.0]


@pytest.mark.parametrize("task", [VALUES, CLASSES], ids=["values", "classes"])
def test_the_graph_says_the_same(task: Task) -> None:
    """Bit for bit, on answers outside the ones seen too."""
    rng = Seed(3).rng()
    p, y = skewed(1_000, rng) if task is VALUES else three(1_000, rng)
    state = conformal.fit(p, y, task, 0.9)
    assert state is not None
    tape = Tape()
    conformal.to_onnx(state, tape, tape.input("p", "double", (None, task.outputs)), task)
    session = onnxruntime.InferenceSession(tape.build(), providers=["CPUExecutionProvider"])
    asked = np.concatenate([p, [[-50.0], [900.0]]]) if task is VALUES else p
    found = session.run(None, {"p": asked})
    if task is VALUES:
        lower, upper = conformal.band(state, asked)
        assert np.array_equal(found[0][:, 0], lower)
        assert np.array_equal(found[1][:, 0], upper)
    else:
        assert np.array_equal(found[0] == 1, conformal.members(state, asked))


def test_few_rows_promise_nothing() -> None:
    """18 rows cannot bound 90 % on both sides."""
    p, y = skewed(18, Seed(4).rng())
    assert conformal.fit(p, y, VALUES, 0.9) is None


def test_several_targets_have_an_interval_each() -> None:
    """Each covers at the level, in its own unit; the graph says the same bits."""
    rng = Seed(5).rng()
    parts = (Task("regression", "a", "mae", False), Task("regression", "b", "mae", False))
    task = Task("vector_regression", "a, b", "mae", False, parts=parts)

    def both(n: int) -> tuple[np.ndarray, np.ndarray]:
        p, y = skewed(n, rng)
        flat = rng.uniform(size=n)
        return np.column_stack([p, flat]), np.column_stack([y, flat + 0.01 * rng.normal(size=n)])

    state = conformal.fit(*both(1_000), task, 0.9)
    assert state is not None and len(state["targets"]) == 2
    p, y = both(4_000)
    assert conformal.covered(state, p, y, task).mean(axis=0) == pytest.approx([0.9, 0.9], abs=0.03)
    lower, upper = conformal.band(state, p)
    width = (upper - lower).mean(axis=0)
    assert width[0] > 20 * width[1]
    tape = Tape()
    conformal.to_onnx(state, tape, tape.input("p", "double", (None, 2)), task)
    session = onnxruntime.InferenceSession(tape.build(), providers=["CPUExecutionProvider"])
    found = session.run(None, {"p": p})
    assert np.array_equal(found[0], lower) and np.array_equal(found[1], upper)
    assert conformal.fit(p[:18], y[:18], task, 0.9) is None
