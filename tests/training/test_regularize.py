"""Dropout in its place, normalization as an option, masks of recurrent layers, augmentation."""

from __future__ import annotations

import time
from typing import Any

import keras
import numpy as np
import pytest

from heldout.training import Data, Member, Population, Regime, train
from heldout.training.schedules import cosine
from heldout.training.weight_norm import WeightNormalization
from training.small_models import dense, difference, rows

X, Y = rows(300)
DATA = Data.of(X, Y)


def notes(rate: float, **settings: Any) -> list[str]:
    """Of a population whose model was built with this rate."""
    member = Member(settings=settings)
    population = Population(lambda: dense(8, dropout=rate), DATA, [member], Regime(epochs=1))
    population.run()
    return [note for note in population.notes if "dropout" in note]


@pytest.mark.slow
@pytest.mark.requirement("REG-02")
def test_dropout_below_a_fifth_and_above_a_half_is_warned_of() -> None:
    """From the model's rate, or the member's own."""
    assert notes(0.3) == notes(0.2) == notes(0.5) == []
    assert "0.1 is below 0.2: little effect" in notes(0.1)[0]
    assert "0.7 is above 0.5: less than half of a layer" in notes(0.3, dropout=0.7)[0]
    assert notes(0.7, dropout=0.4) == notes(0.7, dropout=cosine(0.4)) == []


@pytest.mark.requirement("REG-02", "X-070", "X-071")
def test_what_is_kept_is_divided_by_the_share_kept() -> None:
    """Rate 0.2, mask [0, 1, 1, 0, 1]: [0, .625, 1.625, 0, 1.375]; answers are untouched. Scaling
    at the answer instead: times 0.8. Dividing by the rate gives four times as much."""
    x, mask = np.array([0.2, 0.5, 1.3, 0.8, 1.1]), np.array([0, 1, 1, 0, 1])
    kept = 1 - 0.2
    assert np.allclose(x * mask / kept, [0, 0.625, 1.625, 0, 1.375])
    assert np.allclose(x * kept, [0.16, 0.4, 1.04, 0.64, 0.88])
    assert np.allclose(x * mask / 0.2, [0, 2.5, 6.5, 0, 5.5])
    layer = keras.layers.Dropout(0.2, seed=1)
    made = np.asarray(layer(np.tile(x, (2_000, 1)).astype(np.float32), training=True))
    zero = made == 0
    assert np.allclose(made, np.where(zero, 0, x / kept), rtol=1e-6)
    assert zero.mean() == pytest.approx(0.2, abs=0.02)
    assert np.allclose(made.mean(axis=0), x, rtol=0.05)
    assert np.array_equal(np.asarray(layer(x, training=False)), x.astype(np.float32))


@pytest.mark.requirement("X-078")
def test_dropout_does_not_make_a_step_cheaper() -> None:
    """The products are as large as before, and masks are drawn: CPU seconds of an epoch."""
    x = np.random.default_rng(0).normal(size=(1_024, 64)).astype(np.float32)
    y = (x[:, 0] > 0).astype(np.float32)
    members = [Member(rows=np.arange(1_024), settings={"dropout": rate}) for rate in (0.0, 0.5)]
    spent: list[list[float]] = [[], []]
    layers = keras.layers

    def build() -> Any:
        parts = [
            part for _ in range(2) for part in (layers.Dense(256, "relu"), layers.Dropout(0.5))
        ]
        model = keras.Sequential([keras.Input((64,)), *parts, layers.Dense(1, "sigmoid")])
        model.compile("adam", "binary_crossentropy")
        return model

    def plain() -> Any:
        parts = [layers.Dense(256, "relu") for _ in range(2)]
        model = keras.Sequential([keras.Input((64,)), *parts, layers.Dense(1, "sigmoid")])
        model.compile("adam", "binary_crossentropy")
        return model

    for i, make in enumerate((plain, build)):
        last = [time.process_time()]

        def note(*_: Any, i: int = i, last: list[float] = last) -> None:
            spent[i].append(time.process_time() - last[0])
            last[0] = time.process_time()

        regime = Regime(epochs=5, batch=128, on_epoch=note)
        own = Member(rows=members[i].rows)
        Population(make, Data.of(x, y), [own], regime).run()
    without, with_it = (min(part[1:]) for part in spent)
    assert with_it > 0.9 * without


@pytest.mark.requirement("REG-09")
def test_weight_normalization_is_the_layer_itself_to_begin_with() -> None:
    """Then lengths and directions are learned apart; the answer depends on the direction only."""
    layers = keras.layers

    def build(wrapped: bool) -> Any:
        keras.utils.set_random_seed(3)
        first: Any = layers.Dense(8, activation="relu")
        model = keras.Sequential(
            [keras.Input((6,)), WeightNormalization(first) if wrapped else first, layers.Dense(1)]
        )
        model.compile(keras.optimizers.Adam(1e-2), "mse")
        return model

    plain, wrapped = build(False), build(True)
    assert np.allclose(plain.predict(X, verbose=0), wrapped.predict(X, verbose=0), atol=1e-5)
    layer = wrapped.layers[0]
    before = wrapped.predict(X, verbose=0)
    inner = layer.layer._kernel
    inner.assign(inner * 7.0)
    assert np.allclose(before, wrapped.predict(X, verbose=0), atol=1e-4)
    assert len(wrapped.trainable_weights) == len(plain.trainable_weights) + 1
    made = train(wrapped, (X, X[:, :1]), epochs=5)
    assert made.curve("loss")[-1] < made.curve("loss")[0] / 2
    assert not np.allclose(np.asarray(layer.length), np.linalg.norm(np.asarray(inner), axis=0))
    with pytest.raises(ValueError, match="no kernel"):
        WeightNormalization(layers.ReLU()).build((None, 6))


@pytest.mark.requirement("REG-09")
def test_batch_normalization_is_an_option_of_the_dense_net() -> None:
    """Its statistics are each member's own, bit for bit as alone."""
    from heldout.models.learners import dense_net

    assert "batch" in dense_net.SPACE["normalization"].values  # type: ignore[attr-defined]
    layers = keras.layers

    def build() -> Any:
        parts = [layers.Dense(8), layers.BatchNormalization(), layers.ReLU(), layers.Dense(1)]
        model = keras.Sequential([keras.Input((6,)), *parts])
        model.compile("adam", "mse")
        return model

    data = Data.of(X, X[:, :1])
    members = [Member(str(i), np.arange(i * 50, 200 + i * 50)) for i in range(2)]
    both = Population(build, data, members, Regime(epochs=2)).run()
    alone = Population(build, data, members[1:], Regime(epochs=2)).run()[0]
    assert difference(both[1].weights, alone.weights) == 0.0
    assert difference(both[0].weights[4:6], both[1].weights[4:6]) > 0.0


@pytest.mark.slow
@pytest.mark.requirement("REG-11")
@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_recurrent_dropout_keeps_one_mask_for_all_steps_of_a_sequence(kind: str) -> None:
    """Units that count their inputs (no gates to hide behind): with one mask a unit is either
    dropped at every step or at none; sequences have masks of their own, and so has each batch."""
    layer = keras.layers.SimpleRNN(
        64, activation=None, use_bias=False, dropout=0.5, seed=0, return_sequences=True,
        kernel_initializer="identity", recurrent_initializer="zeros",
    )  # fmt: skip
    x = np.ones((3, 6, 64), np.float32)
    made = np.asarray(layer(x, training=True))
    assert set(np.unique(made).tolist()) == {0.0, 2.0}
    assert all(np.array_equal(made[:, 0], made[:, t]) for t in range(6))
    assert not np.array_equal(made[0], made[1])
    assert not np.array_equal(made, np.asarray(layer(x, training=True)))
    cell = getattr(keras.layers, kind)(4, recurrent_dropout=0.4, dropout=0.2, seed=0)
    model = keras.Sequential([keras.Input((6, 3)), cell, keras.layers.Dense(1)])
    model.compile("adam", "mse")
    data = Data.of(np.random.default_rng(0).normal(size=(40, 6, 3)), np.zeros((40, 1)))
    again = [
        Population(model, data, [Member()], Regime(epochs=2, batch=20)).run()[0] for _ in range(2)
    ]
    assert difference(again[0].weights, again[1].weights) == 0.0


def test_augmentation_happens_inside_the_program_and_to_training_rows_only() -> None:
    """Each epoch draws anew by the member's seed; the same seed draws the same."""
    import jax

    def noisy(x: Any, key: Any) -> Any:
        return x + 5.0 * jax.random.normal(key, x.shape)

    held = Member("a", np.arange(200), np.arange(200, 300), settings={"learning_rate": 0.0})
    plain = Population(dense, DATA, [held], Regime(epochs=2)).run()[0]
    made = Population(dense, DATA, [held], Regime(epochs=2, augment=noisy)).run()[0]
    again = Population(dense, DATA, [held], Regime(epochs=2, augment=noisy)).run()[0]
    assert made.curve("val_loss") == plain.curve("val_loss")
    assert made.curve("loss") == again.curve("loss")
    assert made.curve("loss")[0] != made.curve("loss")[1]
    assert min(made.curve("loss")) > 1.2 * max(plain.curve("loss"))
