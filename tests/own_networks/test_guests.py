"""`--allow-code FILE:FUNCTION`: a network of the person's own on the shelf of learners."""

from __future__ import annotations

from pathlib import Path

import pytest

from heldout.core.errors import HeldoutError
from heldout.core.space import Choice, Real, Whole
from heldout.models.guests import admit
from heldout.testing.models import TASKS, check_easy, check_graph, check_repeats

NET = """
import keras
from keras import layers, ops

VIEW = "net"
EPOCHS, PATIENCE, BATCH = 30, 5, 32

class Scale(layers.Layer):
    def build(self, shape):
        self.by = self.add_weight(shape=(int(shape[-1]),), initializer="ones")
    def call(self, x):
        return ops.tanh(x) * self.by

def build(task, inputs):
    given = inputs.tensors()
    parts = [given["x"], layers.Flatten()(layers.Embedding(max(inputs.sizes), 4)(given["codes"]))]
    h = layers.Dense(24, "relu")(layers.Concatenate()(parts))
    h = layers.BatchNormalization()(Scale()(h))
    bend = {"binary": "sigmoid", "multiclass": "softmax", "regression": None}[task.kind]
    out = layers.Dense(1 if task.kind == "binary" else task.outputs, bend)(h)
    made = keras.Model(given, out)
    loss = {"binary": "binary_crossentropy", "multiclass": "categorical_crossentropy",
            "regression": "mae"}[task.kind]
    made.compile(keras.optimizers.Adam(0.02), loss)
    return made
"""

PLAIN = """
import keras
from keras import layers

EPOCHS, PATIENCE, BATCH = 30, 5, 32

def plain():
    return keras.Sequential([layers.Dense(16, "relu"), layers.Dense(2)])

def tuned(hp, task):
    made = keras.Sequential()
    for i in range(hp.Int("layers", 1, 2)):
        made.add(layers.Dense(hp.Int(f"units_{i}", 8, 32, step=8), "relu"))
    made.add(layers.Dense(task.outputs, "softmax"))
    rate = hp.Float("rate", 1e-3, 1e-1, sampling="log", default=0.01)
    made.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
    return made

class Tunable:
    def build(self, hp):
        return keras.Sequential([layers.Dense(hp.Choice("units", [4, 8])), layers.Dense(2)])

def wide():
    return keras.Sequential([layers.Dense(7)])

def broken(hp):
    keras.optimizers.Adam(lr=0.1)
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    (tmp_path / "my_net.py").write_text(NET)
    return str(tmp_path / "my_net.py")


@pytest.fixture
def plain(tmp_path: Path) -> str:
    (tmp_path / "plain_nets.py").write_text(PLAIN)
    return str(tmp_path / "plain_nets.py")


@pytest.mark.slow
@pytest.mark.requirement("PLATFORM-02", "PLATFORM-04", "PREP-12", "LOSS-11")
@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_a_network_learns_and_becomes_a_graph(file: str, kind: str) -> None:
    """Codes through an embedding, a layer of one's own, batch statistics; labels as one loss
    wants them: codes, 0 and 1, or one column a class."""
    card = admit(f"{file}:build")
    settings = {"learning_rate": 1.0, "epochs": 60} if kind == "regression" else {}
    assert (card.name, card.view, card.bundles) == ("my_net", "net", True)
    if kind != "regression":
        check_easy(card, TASKS[kind], settings)
    check_graph(card, TASKS[kind], settings)


def test_the_same_twice(file: str) -> None:
    check_repeats(admit(f"{file}:build"), {"epochs": 3})


@pytest.mark.requirement("TASK-11", "LOSS-01")
def test_what_was_not_compiled_gets_the_loss_of_the_task(plain: str) -> None:
    card = admit(f"{plain}:plain")
    assert (card.name, card.view) == ("plain", "linear")
    check_easy(card, TASKS["binary"], {"learning_rate": 0.01})


@pytest.mark.requirement("TUNE-01", "TUNE-04")
def test_settings_named_as_in_kerastuner_are_the_card_s(plain: str) -> None:
    """Those that appear only with more layers too."""
    space = admit(f"{plain}:tuned").space
    assert space["layers"] == Whole(1, 2, 1)
    assert space["units_1"] == Choice((8, 16, 24, 32), 8)
    assert space["rate"] == Real(1e-3, 1e-1, 0.01, log=True)
    assert {"epochs", "batch", "patience", "learning_rate"} <= set(space)
    check_easy(admit(f"{plain}:tuned"), TASKS["binary"], {"layers": 2, "units_1": 16})
    assert admit(f"{plain}:Tunable").space["units"] == Choice((4, 8), 4)


@pytest.mark.requirement("PLATFORM-05", "PLATFORM-07", "X-115")
def test_what_is_wrong_is_said(plain: str) -> None:
    with pytest.raises(HeldoutError, match="cannot be used") as told:
        admit(f"{plain}:absent")
    assert "no function absent" in told.value.seen
    with pytest.raises(HeldoutError) as told:
        admit(f"{plain}:broken")
    assert told.value.do == ("write learning_rate instead of lr",)
    with pytest.raises(ValueError, match=r"\(2, 7\) for 2 rows, the task needs 2 numbers a row"):
        check_easy(admit(f"{plain}:wide"), TASKS["binary"], {})
