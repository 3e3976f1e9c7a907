"""What is tried in which order, states on disk, the light import of LightGBM."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from heldout.core.errors import HeldoutError
from heldout.models import state
from heldout.models.card import MODELS, Size
from heldout.models.portfolio import Candidate, portfolio
from heldout.tasks.task import Task

BINARY = Task("binary", "t", "roc_auc", True, ("no", "yes"), "yes")
THREE = Task("multiclass", "t", "log_loss", False, ("a", "b", "c"))
VALUES = Task("regression", "t", "mae", False)


@pytest.mark.parametrize("task", [BINARY, THREE, VALUES])
@pytest.mark.parametrize("rows", [100, 2_000, 50_000])
@pytest.mark.parametrize("budget", [5.0, 60.0, 300.0, float("inf")])
def test_linear_first_then_boosting_all_priced(task: Task, rows: int, budget: float) -> None:
    size = Size(rows, 20, task.outputs)
    made = portfolio(task, size, budget)
    assert MODELS.get(made[0].card).linear
    assert made[1].card == "lightgbm"
    assert len({c.digest for c in made}) == len({c.name for c in made}) == len(made)
    for candidate in made:
        assert task.kind in MODELS.get(candidate.card).tasks
        assert MODELS.get(candidate.card).cost(size, candidate.settings).seconds > 0
        assert Candidate.from_dict(json.loads(json.dumps(candidate.as_dict()))) == candidate
    if rows < 3_000:
        assert "small" in made[1].name


def test_more_budget_more_shapes() -> None:
    size = Size(7_000, 20, 2)
    lengths = [len(portfolio(BINARY, size, b)) for b in (10, 60, 300)]
    assert lengths == sorted(lengths) and lengths[0] < lengths[2]


def test_many_classes_meet_a_forest_early() -> None:
    """Boosting grows as many trees a round as there are classes, a forest one."""
    letters = Task("multiclass", "t", "log_loss", False, classes=tuple("abcdefgh"))
    names = [c.card for c in portfolio(letters, Size(9_000, 16, 8), 10)]
    assert names.index("extra_trees") < names.index("lightgbm")


def test_small_tables_meet_a_forest_early() -> None:
    """Ionosphere at 20 s: ROC AUC 0.965 without, 0.978 with (bench/LOG.md)."""
    for rows, there in ((300, True), (90_000, False)):
        names = [c.card for c in portfolio(BINARY, Size(rows, 16, 2), 10)]
        assert ("extra_trees" in names[:3]) == there


def test_only_names_learners_or_candidates() -> None:
    size = Size(7_000, 20, 2)
    assert [c.name for c in portfolio(BINARY, size, 60, ["logistic"])] == ["logistic"]
    assert all(c.card == "lightgbm" for c in portfolio(BINARY, size, 60, ["lightgbm"]))
    assert [c.card for c in portfolio(BINARY, size, 60, ["k_neighbors"])] == ["k_neighbors"]
    with pytest.raises(HeldoutError) as caught:
        portfolio(BINARY, size, 60, ["lightgmb"])
    assert caught.value.code == "H103" and "lightgbm" in caught.value.do[0]


def test_a_median_is_learned_where_one_is_asked_for() -> None:
    boosted = [c for c in portfolio(VALUES, Size(9_000, 9, 1), 60) if c.card == "lightgbm"]
    assert {c.settings["objective"] for c in boosted} == {"l1", "l2"}
    squared = Task("regression", "t", "rmse", False)
    boosted = [c for c in portfolio(squared, Size(9_000, 9, 1), 60) if c.card == "lightgbm"]
    assert all("objective" not in c.settings for c in boosted)


def test_states_have_one_form_and_hold_no_objects() -> None:
    arrays = {"b": np.arange(3), "a": np.array([[1.5, np.nan]]), "c": np.array(["é", ""])}
    data = state.dumps(arrays)
    assert data == state.dumps(dict(reversed(arrays.items())))
    back = state.loads(data)
    assert all(np.array_equal(back[k], v) or k == "a" for k, v in arrays.items())
    with pytest.raises(ValueError, match="allow_pickle"):
        state.dumps({"x": np.array([object()])})


LIGHT = """
import sys
from heldout.models._lightgbm import lightgbm
made = lightgbm()
assert "sklearn" not in sys.modules and "pandas" not in sys.modules
assert lightgbm() is made
import numpy as np
data = made.Dataset(np.random.default_rng(0).normal(size=(50, 2)), np.arange(50.0))
made.train({"verbosity": -1}, data, 2)
import sklearn.linear_model, lightgbm as again
assert again.LGBMClassifier().fit([[0.0], [1.0]] * 30, [0, 1] * 30).predict([[1.0]]) is not None
"""


def test_lightgbm_comes_without_scikit_learn_and_leaves_no_trace() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIGHT], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_reading_the_shelf_imports_no_library() -> None:
    code = (
        "import sys; from heldout.models.card import MODELS, CALIBRATORS; MODELS.all();"
        "CALIBRATORS.all(); import heldout.models.portfolio, heldout.models.assemble;"
        "heavy = {'sklearn', 'lightgbm', 'scipy', 'onnx', 'keras', 'jax', 'polars'};"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
