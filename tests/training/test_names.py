"""Optimizers by name, sizes of batches, first weights: what is usual, and what is said."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from heldout.training import Data, Member, Population, Regime, batch_size, initializers, optimizers
from heldout.training.estimators import NetClassifier
from training.small_models import dense, rows

X, Y = rows(300)


@pytest.mark.requirement("TRAIN-03")
@pytest.mark.parametrize("name", optimizers.NAMES)
def test_every_optimizer_by_its_name_learns(name: str) -> None:
    """A line through noise, and the learning rate is an input of the program for each of them."""
    keras.utils.set_random_seed(0)
    y = X @ np.array([1.0, -2.0, 0.5, 0.0, 0.0, 0.0], np.float32)

    def build() -> Any:
        model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(1)])
        model.compile(optimizers.optimizer(name), "mse")
        return model

    rate = optimizers.RATES[name]
    members = [
        Member(settings={"learning_rate": rate}),
        Member(settings={"learning_rate": rate / 4}),
    ]
    fast, slow = Population(build, Data.of(X, y), members, Regime(epochs=15, batch=20)).run()
    curve = fast.curve("loss")
    assert curve[-1] < 0.9 * curve[0]
    assert curve[-1] < slow.curve("loss")[-1] or curve[-1] < 1e-3


@pytest.mark.requirement("TRAIN-03")
def test_the_nine_that_have_a_name() -> None:
    """And a wrong one is answered with them."""
    named = {"sgd", "momentum", "nesterov", "adagrad", "adadelta", "rmsprop", "adam", "adamw", "ftrl"}  # fmt: skip
    assert set(optimizers.NAMES) == named == set(optimizers.RATES)
    made = optimizers.optimizer("momentum", 0.2, momentum=0.5)
    assert (float(made.learning_rate), made.momentum, made.nesterov) == (pytest.approx(0.2), 0.5, False)  # fmt: skip
    with pytest.raises(ValueError, match="there are sgd, momentum, nesterov"):
        optimizers.optimizer("addam")


@pytest.mark.requirement("TRAIN-04")
def test_adam_for_networks_and_ftrl_for_wide_sparse_linear_models() -> None:
    """FTRL's L1 makes weights exactly zero, which Adam's penalty does not."""
    rng = np.random.default_rng(0)
    x = (rng.random((200, 1_200)) < 0.01).astype(np.float32)
    y = (x[:, :20].sum(axis=1) > 0).astype(int)
    short = {"hidden": (), "epochs": 1}
    assert NetClassifier(**short).fit(x, y).optimizer_ == "ftrl"
    assert NetClassifier(hidden=(4,), epochs=1).fit(X, Y).optimizer_ == "adam"
    zeros = {}
    for name, how in (("ftrl", {"l1_regularization_strength": 1.0}), ("adam", {})):
        layer = keras.layers.Dense(1, kernel_regularizer=None if how else keras.regularizers.L1(1.0))  # fmt: skip
        model = keras.Sequential([keras.Input((1_200,)), layer])
        model.compile(optimizers.optimizer(name, **how), "mse")
        model.fit(x, y.astype(np.float32), epochs=2, batch_size=50, verbose=0)
        zeros[name] = float((np.asarray(layer.kernel) == 0).mean())
    assert zeros["ftrl"] > 0.5
    assert zeros["adam"] < 0.1


@pytest.mark.requirement("TRAIN-06")
def test_sixty_four_rows_a_batch_unless_something_speaks_against_it() -> None:
    """Powers of two; very small and very large ones are warned of, in the population's notes."""
    assert Regime().batch == batch_size.usual(50_000) == 64
    assert 40 <= batch_size.USUAL <= 100
    assert [batch_size.usual(n) for n in (639, 640, 100)] == [32, 64, 16]
    assert batch_size.FIRST[0] in range(1_000, 1_100)
    notes = {}
    for size in (4, 64, 256):
        population = Population(dense, Data.of(X, Y), [Member()], Regime(epochs=1, batch=size))
        population.run()
        notes[size] = [note for note in population.notes if "batch of" in note]
    assert notes[64] == notes[256] == []
    assert "a batch of 4 is very small" in notes[4][0]
    assert batch_size.warnings(500, 20_000) == []
    assert "is large" in batch_size.warnings(4_096, 20_000)[0]


@pytest.mark.requirement("TRAIN-15")
def test_first_weights_follow_the_activation() -> None:
    """So that what enters ten layers leaves them with the same spread; and it is a setting."""
    from heldout.models.learners import dense_net

    assert set(dense_net.SPACE["initializer"].values) == set(initializers.CHOICES)  # type: ignore[attr-defined]
    x = np.random.default_rng(0).normal(size=(256, 128)).astype(np.float32)
    spread: dict[tuple[str, str], float] = {}
    for activation in ("relu", "selu", "tanh"):
        for first in (initializers.for_activation(activation), "random_normal"):
            keras.utils.set_random_seed(0)
            parts = [keras.layers.Dense(128, activation, kernel_initializer=first) for _ in range(10)]  # fmt: skip
            made = np.asarray(keras.Sequential([keras.Input((128,)), *parts])(x))
            spread[activation, str(first)] = float(made.std())
    assert spread["relu", "he_normal"] == pytest.approx(1.0, abs=0.6)
    assert spread["selu", "lecun_normal"] == pytest.approx(1.0, abs=0.3)
    assert spread["tanh", "glorot_uniform"] > 0.15
    assert spread["relu", "random_normal"] < 0.01 * spread["relu", "he_normal"]
    net = NetClassifier(hidden=(8,), activation="tanh", epochs=1).fit(X, Y)
    built = net._structure(6, 1, "binary_crossentropy", Data.of(X, Y)).model
    assert isinstance(built.layers[0].kernel_initializer, keras.initializers.GlorotUniform)
