"""`--allow-code`: a model of the person's own competes as a reference, and never ships."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest

from heldout.core.errors import HeldoutError
from heldout.models.guests import admit
from heldout.tasks.task import Task
from heldout.testing.models import check_easy
from small_runs import Said, entries, table, write

OWN = """
from sklearn.linear_model import LogisticRegression

def model(task):
    return LogisticRegression()
"""


@pytest.mark.slow
def test_it_competes_and_does_not_ship(tmp_path: Path, heldout: Callable[..., Said]) -> None:
    """On the leaderboard as a reference; the bundle holds others; status says why."""
    columns = table(600)
    columns.pop("house")
    data = write(tmp_path / "t.csv", columns)
    (tmp_path / "my_model.py").write_text(OWN)
    said = heldout(
        "run", data, "--target", "left", "--allow-code", tmp_path / "my_model.py",
        "--models", "logistic,my_model", "--work", "20", "--out", tmp_path / "run", "--json",
    )  # fmt: skip
    assert said.code == 0, said.err
    board = {r["name"]: r for r in entries(tmp_path / "run", "leaderboard")[-1]["numbers"]["rows"]}
    assert board["my_model"]["model"] == "my_model (reference, cannot be bundled)"
    assert 0.5 < board["my_model"]["score"] < 1
    told = entries(tmp_path / "run", "ensemble")[-1]["decision"]
    assert "my_model" not in told
    assert "my_model is left out" in heldout("status", tmp_path / "run").out


@pytest.mark.parametrize(
    ("name", "text", "seen"),
    [
        ("nothing.py", "x = 1", "no function model"),
        ("broken.py", "1 / 0", "ZeroDivisionError"),
        ("odd-name.py", OWN, "no name for a model"),
        ("ridge.py", OWN, ""),
        ("far.py", OWN + "\nVIEW = 'moon'", "VIEW"),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, name: str, text: str, seen: str) -> None:
    """H102 with what was seen; a name of ours is not taken."""
    (tmp_path / name).write_text(text)
    with pytest.raises(HeldoutError) as caught:
        admit(str(tmp_path / name))
    assert caught.value.code == "H102"
    assert seen in caught.value.seen
    with pytest.raises(HeldoutError):
        admit(str(tmp_path / "absent.py"))


def test_no_file_makes_heldout_run_code(tmp_path: Path, heldout: Callable[..., Said]) -> None:
    """Contract 14: a specification cannot say it."""
    (tmp_path / "spec.yaml").write_text("target: y\nallow_code: evil.py\n")
    (tmp_path / "evil.py").write_text("raise SystemExit('ran')")
    write(tmp_path / "t.csv", table(60))
    said = heldout("run", tmp_path / "t.csv", "--config", tmp_path / "spec.yaml")
    assert said.code == 2
    assert "allow_code" in said.err


KERAS = """
import keras

EPOCHS = 30

def model(task):
    kind = "softmax" if task.is_classification else None
    made = keras.Sequential([keras.layers.Dense(16, "relu"), keras.layers.Dense(task.outputs, kind)])
    loss = "sparse_categorical_crossentropy" if task.is_classification else "mae"
    made.compile(keras.optimizers.Adam(0.01), loss)
    return made
"""


@pytest.mark.parametrize("text", [OWN, KERAS], ids=["scikit-learn", "keras"])
def test_guests_learn_as_our_own_do(tmp_path: Path, text: str) -> None:
    """The conformance suite's easy problem."""
    if "keras" in text and importlib.util.find_spec("keras") is None:
        pytest.skip("needs Keras")
    (tmp_path / "own_model.py").write_text(text)
    card = admit(str(tmp_path / "own_model.py"))
    assert card.bundles == ("keras" in text), "a network's computation can be written down"
    check_easy(card, Task("binary", "y", "roc_auc", True, classes=("a", "b"), positive="b"), {})
