"""Half precision in the arithmetic, float32 in what is kept."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from heldout.training import Data, Member, Population, Regime, train
from training.small_models import dense, rows

X, Y = rows(300)


@pytest.mark.requirement("TRAIN-17")
@pytest.mark.parametrize("kind", ["bfloat16", "float16"])
def test_mixed_precision_trains_and_gives_float32_back(kind: str) -> None:
    """Close to float32, not equal to it; the model is as before."""
    plain, mixed = dense(16), dense(16)
    mixed.set_weights(plain.get_weights())
    how: dict[str, Any] = {"epochs": 5, "batch": 50, "shuffle": False}
    a = train(plain, (X, Y), **how)
    b = train(mixed, (X, Y), precision=kind, **how)
    assert {w.dtype for w in b.weights} == {np.dtype("float32")}
    assert all(layer.compute_dtype == "float32" for layer in mixed.layers)
    assert isinstance(mixed.optimizer, keras.optimizers.Adam)
    assert a.curve("loss") != b.curve("loss")
    assert a.curve("loss") == pytest.approx(b.curve("loss"), rel=0.03)
    again = mixed.evaluate(X, Y, verbose=0)
    assert again == pytest.approx(plain.evaluate(X, Y, verbose=0), rel=0.05)


def test_small_gradients_survive_float16_by_scaling_the_loss() -> None:
    """A target of tiny weight: its gradients are under float16's smallest number."""
    found = {}
    for wrapped in (True, False):
        layers = keras.layers
        last = layers.Dense(1, use_bias=False, kernel_initializer="ones", name="last")
        first = layers.Dense(1, use_bias=False, kernel_initializer="ones", name="first")
        model = keras.Sequential([keras.Input((1,)), first, last])
        sgd: Any = keras.optimizers.SGD(1e7)
        model.compile(sgd, "mae")
        x = np.ones((8, 1), np.float32)
        data = Data.of(x, 10 * x, np.full(8, 1e-9))
        if wrapped:
            made = train(model, data, epochs=1, batch=8, precision="float16")
        else:
            structure_like = {"epochs": 1, "batch": 8, "precision": "float32"}
            made = train(model, data, **structure_like)
        found[wrapped] = float(made.weights[0][0, 0])
    assert found[True] == pytest.approx(found[False], rel=1e-3)
    assert found[True] > 1.0
    assert np.float16(1e-9) == 0.0


def test_a_cpu_stays_with_float32_and_says_so() -> None:
    """Unless it is asked."""
    population = Population(dense, Data.of(X, Y), [Member()], Regime(epochs=1))
    population.run()
    assert "arithmetic in float32: a CPU gains nothing from half precision" in population.notes
    with pytest.raises(ValueError, match="none of auto"):
        train(dense(), (X, Y), precision="int8")
