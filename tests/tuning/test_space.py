"""What a search can vary: everything that makes a network, and how it is trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import heldout
from heldout.models.card import MODELS
from heldout.workflow.spec import Spec
from small_table import small_frame

EVERY = {
    "layers": "layers", "units": "units", "learning rate": "learning_rate",
    "optimizer": "optimizer", "batch": "batch", "activation": "activation", "dropout": "dropout",
    "L1": "l1", "L2": "l2", "loss": "objective", "first weights": "initializer",
    "normalization": "normalization", "epochs": "epochs", "embedding width": "embedding_factor",
}  # fmt: skip


@pytest.mark.requirement("TUNE-04")
def test_the_space_of_a_network_covers_what_can_be_chosen() -> None:
    assert set(EVERY.values()) <= set(MODELS.get("dense_net").space)
    # split sizes and threshold are questions of the protocol and of costs, so of every model
    assert {"protocol", "seal", "threshold"} <= set(Spec.__dataclass_fields__)


@pytest.mark.requirement("TUNE-04", "REG-03")
@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("optimizer", ["sgd", "rmsprop"]),
        ("normalization", ["none", "batch"]),
        pytest.param(*("activation", ["tanh", "selu"]), marks=pytest.mark.slow),
        pytest.param(*("initializer", ["glorot_uniform", "lecun_normal"]), marks=pytest.mark.slow),
        ("l2", [0.0, 0.3]),
        pytest.param(*("batch", [16, 64]), marks=pytest.mark.slow),
    ],
)
def test_each_of_them_changes_what_is_learned(name: str, values: list[Any], tmp_path: Path) -> None:
    pytest.importorskip("keras")
    found = heldout.experiment(
        small_frame(), "answer", model="dense_net", vary={name: values}, seeds=1, folds=1,
        settings={"epochs": 3, "units": 32, "layers": 1}, out=str(tmp_path / name),
    )  # fmt: skip
    losses = [c.losses[0] for c in found.cells]
    assert not found.failures and np.isfinite(losses).all() and losses[0] != losses[1]


@pytest.mark.requirement("TUNE-04")
@pytest.mark.parametrize(
    "activation",
    [
        "selu",
        *(pytest.param(a, marks=pytest.mark.slow) for a in ("relu", "tanh", "elu", "sigmoid")),
    ],
)
def test_the_graph_says_the_same_in_every_style(activation: str) -> None:
    pytest.importorskip("keras")
    from heldout.testing.models import TASKS, check_graph

    style = {"activation": activation, "normalization": "batch", "l1": 1e-4, "optimizer": "sgd"}
    settings = {"epochs": 4, "units": 32, "layers": 1, **style}
    check_graph(MODELS.get("dense_net"), TASKS["regression"], settings)
