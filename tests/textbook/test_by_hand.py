"""What textbooks write in a few lines, written correctly in NumPy, against Keras and heldout."""

from __future__ import annotations

import itertools
from typing import Any

import keras
import numpy as np
import pytest

from heldout import training
from heldout.core.seed import Seed
from heldout.primitives.card import PRIMITIVES, Training
from heldout.splits.folds import three
from heldout.training import Data, Member, Population, Regime

RNG = np.random.default_rng(7)
X = RNG.normal(size=(96, 5)).astype(np.float32)
Y = (X[:, :1] * X[:, 1:2] > 0).astype(np.float32)


def relu(z: Any) -> Any:
    return np.maximum(z, 0)


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


class Dense:
    """activation(x W + b): x from the left, W (inputs, units)."""

    def __init__(self, inputs: int, units: int, activation: Any) -> None:
        self.w = RNG.normal(size=(inputs, units)) / np.sqrt(inputs)
        self.b = np.zeros(units)
        self.activation = activation

    def __call__(self, x: Any) -> Any:
        return self.activation(x @ self.w + self.b)


def net(penalty: Any = None, optimizer: Any = None) -> Any:
    """5 to 6 to 1, as Keras has it."""
    model = keras.Sequential(
        [
            keras.Input((5,)),
            keras.layers.Dense(6, "relu", kernel_regularizer=penalty),
            keras.layers.Dense(1, "sigmoid"),
        ]
    )
    model.compile(optimizer or keras.optimizers.SGD(0.1), "binary_crossentropy")
    return model


def weights(first: Dense, last: Dense) -> list[Any]:
    return [first.w, first.b, last.w, last.b]


@pytest.mark.requirement("X-038")
def test_a_dense_layer() -> None:
    layer = keras.layers.Dense(6, "relu")
    layer.build((None, 5))
    ours = Dense(5, 6, relu)
    layer.set_weights([ours.w, ours.b])
    np.testing.assert_allclose(np.asarray(layer(X)), ours(X), atol=1e-5)


def backward(x: Any, y: Any, first: Dense, last: Dense) -> list[Any]:
    """Gradients of the mean log loss, by the chain rule."""
    h = first(x)
    p = last(h)
    out = (p - y) / len(x)  # of sigmoid and log loss together
    hidden = (out @ last.w.T) * (h > 0)
    return [x.T @ hidden, hidden.sum(0), h.T @ out, out.sum(0)]


@pytest.mark.requirement("TRAIN-01", "X-050", "X-072")
@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("l2", [0.0, 0.01])
def test_a_training_loop_with_momentum_and_a_penalty(momentum: float, l2: float) -> None:
    """Draw a batch, forward, gradient, v = m v - lr g, w = w + v; the penalty l2 * sum(w^2) adds
    2 l2 w to the gradient."""
    first, last = Dense(5, 6, relu), Dense(6, 1, sigmoid)
    model = net(keras.regularizers.L2(l2), keras.optimizers.SGD(0.1, momentum=momentum))
    model.set_weights(weights(first, last))
    speed: list[Any] = [0.0, 0.0, 0.0, 0.0]
    for _ in range(3):
        for start in range(0, 96, 32):
            x, y = X[start : start + 32], Y[start : start + 32]
            found = backward(x, y, first, last)
            found[0] = found[0] + 2 * l2 * first.w
            speed = [momentum * v - 0.1 * g for v, g in zip(speed, found, strict=True)]
            first.w, first.b, last.w, last.b = (
                w + v for w, v in zip(weights(first, last), speed, strict=True)
            )
    made = training.train(model, (X, Y), epochs=3, batch=32, shuffle=False)
    for ours, theirs in zip(weights(first, last), made.weights, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


@pytest.mark.requirement("X-070", "X-071")
def test_dropout_keeps_the_mean_by_dividing_by_the_share_that_stays() -> None:
    """In training x * mask / keep, afterwards x: dividing by the rate would be wrong except at a
    half."""
    rate, x = 0.2, np.array([0.2, 0.5, 1.3, 0.8, 1.1])
    mask = np.array([0, 1, 1, 0, 1])
    np.testing.assert_allclose(x * mask / (1 - rate), [0, 0.625, 1.625, 0, 1.375])
    layer = keras.layers.Dropout(rate, seed=3)
    made = np.asarray(layer(np.ones((200, 50), np.float32), training=True))
    assert set(np.unique(made).tolist()) == {0.0, 1.25}
    assert abs(made.mean() - 1) < 0.02
    np.testing.assert_array_equal(np.asarray(layer(X, training=False)), X)


@pytest.mark.requirement("X-003", "EVAL-05")
def test_k_folds_by_a_loop_and_as_a_population() -> None:
    """Every row is validated once, sizes differ by one at most, each fold has a new model; the
    loop over ``fit`` and the population give the same numbers."""
    n, k = len(X), 5
    bounds = np.cumsum([0] + [n // k + (i < n % k) for i in range(k)])
    folds = [np.arange(a, b) for a, b in itertools.pairwise(bounds)]
    assert sorted(np.concatenate(folds).tolist()) == list(range(n))
    assert {len(f) for f in folds} == {19, 20}
    rest = [np.setdiff1d(np.arange(n), held) for held in folds]
    looped = []
    for train, held in zip(rest, folds, strict=True):
        keras.utils.set_random_seed(Seed(1).child("weights").integer())
        model = net()
        told = model.fit(
            X[train], Y[train], batch_size=32, epochs=2, shuffle=False, verbose=0,
            validation_data=(X[held], Y[held]),
        )  # fmt: skip
        looped.append(told.history["val_loss"][-1])
    members = [
        Member(str(i), train, held, Seed(1))
        for i, (train, held) in enumerate(zip(rest, folds, strict=True))
    ]
    regime = Regime(epochs=2, batch=32, shuffle=False)
    done = Population(net, Data.of(X, Y), members, regime).run()
    assert [t.curve("val_loss")[-1] for t in done] == pytest.approx(looped, abs=1e-3)
    sizes = [len(held) for _, held in three(10, None, None, Seed(0))]
    assert sorted(sizes) == [3, 3, 4]


@pytest.mark.requirement("PREP-02", "X-020", "X-021", "X-022")
def test_normalization_by_the_training_rows() -> None:
    """Mean and deviation (ddof 0) of the training rows for all rows: by hand, by Keras' layer, by
    heldout's primitive."""
    train, test = X[:60] * [1, 10, 100, 3, 0] + 5, X[60:] * [1, 10, 100, 3, 0] + 5
    train, test = train.astype(np.float32), test.astype(np.float32)
    mean, deviation = train.mean(axis=0, dtype=np.float64), train.std(axis=0, dtype=np.float64)
    by_hand = (test - mean) / np.where(deviation > 0, deviation, 1)
    layer = keras.layers.Normalization()
    layer.adapt(train)
    np.testing.assert_allclose(np.asarray(layer(test))[:, :4], by_hand[:, :4], atol=1e-4)
    card = PRIMITIVES.get("standardize")
    state, _ = card.fit([train], Training(), {})
    made = card.transform(state, [test])
    np.testing.assert_allclose(made, by_hand, atol=1e-5)
    assert (made[:, 4] == 0).all()
