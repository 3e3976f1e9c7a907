"""Facts about descent, penalties and dropout with known numbers, on the Keras that trains here."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from heldout import training

STEEP = 3  # steps that are looked at


def walked(optimizer: Any, start: float, slope: Any, steps: int = STEEP) -> list[float]:
    """The places of one weight, step by step, where ``slope`` gives the gradient."""
    place = keras.Variable([start])
    made = []
    for _ in range(steps):
        optimizer.apply([keras.ops.convert_to_tensor([slope(float(place[0]))])], [place])
        made.append(float(place[0]))
    return made


@pytest.mark.requirement("X-050")
@pytest.mark.parametrize(
    ("momentum", "nesterov", "places"),
    [
        (0.0, False, [0.9, 0.81, 0.729]),
        (0.9, False, [0.9, 0.72, 0.486]),
        (0.9, True, [0.81, 0.5751, 0.327321]),
    ],
)
def test_momentum_adds_the_past_step_with_its_own_sign(
    momentum: float, nesterov: bool, places: list[float]
) -> None:
    """f = w^2 / 2 from 1 at a rate of 0.1."""
    sgd = keras.optimizers.SGD(0.1, momentum=momentum, nesterov=nesterov)
    assert walked(sgd, 1.0, lambda w: w) == pytest.approx(places, abs=1e-6)


@pytest.mark.requirement("X-051")
def test_momentum_sums_past_steps_up_to_ten() -> None:
    """Under a constant gradient of 1 the step of 0.001 grows to 0.01; the rate stays."""
    sgd = keras.optimizers.SGD(0.001, momentum=0.9)
    places = walked(sgd, 0.0, lambda _: 1.0, steps=120)
    steps = -np.diff([0.0, *places])
    assert steps[0] == pytest.approx(0.001)
    assert steps[-1] == pytest.approx(0.01, rel=1e-3)
    assert float(sgd.learning_rate) == pytest.approx(0.001)


@pytest.mark.requirement("X-052")
@pytest.mark.parametrize("gradient", [2.0, 200.0])
def test_adaptive_optimizers_divide_by_the_size_of_the_gradient(gradient: float) -> None:
    """The first step does not depend on it."""
    for made, step in ((keras.optimizers.RMSprop(0.001), 0.003162), (keras.optimizers.Adam(0.001), 0.001)):  # fmt: skip
        (place,) = walked(made, 0.0, lambda _: gradient, steps=1)
        assert -place == pytest.approx(step, abs=1e-6)


@pytest.mark.requirement("X-053")
def test_descent_is_not_always_downhill() -> None:
    """f = x^2 at a rate of 1.1 leaps ever further; below 1 it converges."""
    places = walked(keras.optimizers.SGD(1.1), 1.0, lambda x: 2 * x)
    assert places == pytest.approx([-1.2, 1.44, -1.728], abs=1e-6)
    assert abs(walked(keras.optimizers.SGD(0.9), 1.0, lambda x: 2 * x, steps=40)[-1]) < 1e-3


@pytest.mark.requirement("X-060")
def test_the_defaults_of_keras() -> None:
    """Only plain descent has another rate."""
    made = keras.optimizers
    rates = {n: float(getattr(made, n)().learning_rate) for n in ("SGD", "RMSprop", "Adam", "AdamW", "Adagrad", "Adadelta", "Ftrl")}  # fmt: skip
    assert rates.pop("SGD") == pytest.approx(0.01)
    assert all(rate == pytest.approx(0.001) for rate in rates.values())
    assert made.SGD().momentum == 0.0
    assert made.RMSprop().rho == 0.9
    assert made.AdamW().weight_decay == 0.004


@pytest.mark.requirement("X-072", "REG-03")
def test_penalties_are_sums_of_squares_and_of_sizes() -> None:
    """Of [1, -2, 3] at 0.001."""
    w = np.array([1.0, -2.0, 3.0], np.float32)
    made = keras.regularizers
    found = [float(p(w)) for p in (made.L2(0.001), made.L1(0.001), made.L1L2(0.001, 0.001))]
    assert found == pytest.approx([0.014, 0.006, 0.020], abs=1e-7)


@pytest.mark.requirement("X-073")
def test_the_loss_of_evaluate_holds_the_penalty() -> None:
    """Squared error 4.0, weights [1, 1] at 0.1: 4.2. The metric is what can be compared."""
    layer = keras.layers.Dense(1, use_bias=False, kernel_initializer="ones", kernel_regularizer=keras.regularizers.L2(0.1))  # fmt: skip
    model = keras.Sequential([keras.Input((2,)), layer])
    model.compile("sgd", "mse", metrics=["mse"])
    x, y = np.ones((1, 2), np.float32), np.zeros((1, 1), np.float32)
    told = model.evaluate(x, y, verbose=0, return_dict=True)
    assert (told["loss"], told["mse"]) == (pytest.approx(4.2), pytest.approx(4.0))


@pytest.mark.requirement("X-074")
def test_weight_decay_is_a_penalty_for_plain_descent_only() -> None:
    """w = 1, rate 0.1: Adam all but ignores how large the penalty's gradient is."""
    made = keras.optimizers
    (plain,) = walked(made.SGD(0.1), 1.0, lambda w: 0.02 * w, steps=1)
    (adam,) = walked(made.Adam(0.1), 1.0, lambda w: 0.02 * w, steps=1)
    (decayed,) = walked(made.AdamW(0.1, weight_decay=0.01), 1.0, lambda _: 0.0, steps=1)
    assert [plain, adam, decayed] == pytest.approx([0.998, 0.9, 0.999], abs=2e-5)


@pytest.mark.requirement("X-070", "X-071")
def test_dropout_divides_by_what_is_kept_and_leaves_answers_alone() -> None:
    """Rate 0.2: a fifth is 0, ones become 1.25; rate and share kept are equal at one half only."""
    layer = keras.layers.Dropout(0.2, seed=0)
    ones = np.ones((100, 100), np.float32)
    made = np.asarray(layer(ones, training=True))
    assert set(np.unique(made).tolist()) == {0.0, 1.25}
    assert (made == 0).mean() == pytest.approx(0.2, abs=0.02)
    assert (np.asarray(layer(ones, training=False)) == 1.0).all()


@pytest.mark.requirement("LOSS-11", "PLATFORM-04")
def test_a_loss_and_a_metric_of_ones_own() -> None:
    """Any function of truth and answer: pinball at 0.9 learns the upper decile."""

    def pinball(y: Any, p: Any) -> Any:
        return keras.ops.mean(keras.ops.maximum(0.9 * (y - p), -0.1 * (y - p)), axis=-1)

    def below(y: Any, p: Any) -> Any:
        return keras.ops.cast(y < p, "float32")

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.5), pinball, metrics=[below])
    y = np.random.default_rng(0).normal(size=(500, 1)).astype(np.float32)
    made = training.train(model, (np.zeros((500, 1), np.float32), y), epochs=40, batch=100)
    assert made.curve("below")[-1] == pytest.approx(0.9, abs=0.03)


@pytest.mark.requirement("LOSS-12")
def test_losses_of_several_outputs_are_one_weighted_sum() -> None:
    """Squared error 4 at a quarter and absolute error 3 twice: 7, and each is told."""
    place = keras.Input((2,))
    ends = [keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros", name=n)(place) for n in "ab"]  # fmt: skip
    model = keras.Model(place, ends)
    model.compile(keras.optimizers.SGD(0.0), ["mse", "mae"], loss_weights=[0.25, 2.0])
    y = [np.full((8, 1), 2.0, np.float32), np.full((8, 1), 3.0, np.float32)]
    (told,) = training.train(model, (np.ones((8, 2), np.float32), y), epochs=1, batch=8).history
    assert (told["a_loss"], told["b_loss"], told["loss"]) == (4.0, 3.0, 7.0)


@pytest.mark.requirement("X-084")
def test_a_separable_convolution_has_an_eighth_of_the_weights() -> None:
    """3 x 3 from 64 to 128 channels."""
    counts = []
    for kind in (keras.layers.Conv2D, keras.layers.SeparableConv2D):
        layer = kind(128, 3)
        layer.build((None, 8, 8, 64))
        counts.append(layer.count_params())
    assert counts == [73_856, 8_896]


@pytest.mark.requirement("X-090")
def test_recurrent_layers_by_their_weights_and_the_lstm_by_hand() -> None:
    """32 in, 32 units. One step of an LSTM: what leaves is o * tanh(c)."""
    counts = {}
    for kind in (keras.layers.SimpleRNN, keras.layers.LSTM, keras.layers.GRU):
        layer = kind(32, kernel_initializer="zeros", recurrent_initializer="zeros")
        layer.build((None, 1, 32))
        counts[kind.__name__] = layer.count_params()
    assert counts == {"SimpleRNN": 2_080, "LSTM": 8_320, "GRU": 6_336}
    layer = keras.layers.LSTMCell(2, recurrent_initializer="zeros")
    x, none = np.array([[1.0, -2.0, 0.5]], np.float32), np.zeros((1, 2), np.float32)
    _, (out, cell) = layer(x, [none, none])
    kernel, _, bias = (np.asarray(w, np.float64) for w in layer.get_weights())
    z = x[0] @ kernel + bias
    i, _, c, o = np.split(z, 4)
    inner = np.tanh(c) / (1 + np.exp(-i))
    assert np.allclose(cell, inner, atol=1e-6)
    assert np.allclose(out, np.tanh(inner) / (1 + np.exp(-o)), atol=1e-6)


@pytest.mark.requirement("X-087", "X-102")
def test_what_is_frozen_stays_as_it_was() -> None:
    """A frozen layer takes no step, and a frozen batch normalization learns no statistics, though
    the loss goes through both; compiled after they were frozen."""
    layers = keras.layers
    body = keras.Sequential([keras.Input((2,)), layers.Dense(3), layers.BatchNormalization()])
    body.trainable = False
    model = keras.Sequential([body, layers.Dense(1)])
    model.compile("sgd", "mse")
    before, last = body.get_weights(), model.layers[-1].get_weights()
    x = np.random.default_rng(0).normal(3.0, 2.0, size=(64, 2)).astype(np.float32)
    training.train(model, (x, x[:, :1]), epochs=2, batch=16)
    assert all(np.array_equal(a, b) for a, b in zip(before, body.get_weights(), strict=True))
    assert not np.array_equal(last[0], model.layers[-1].get_weights()[0])


@pytest.mark.requirement("X-115")
def test_old_words_of_keras_are_gone(tmp_path: Any) -> None:
    """The rate is called learning_rate; weights are kept in files that end in .weights.h5."""
    with pytest.raises(ValueError, match="lr"):
        keras.optimizers.SGD(lr=0.1)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    assert not hasattr(model, "fit_generator")
    assert not hasattr(model, "predict_classes")
    assert not hasattr(keras.preprocessing, "text")
    assert not hasattr(keras.preprocessing.image, "ImageDataGenerator")
    with pytest.raises(ValueError, match=r"weights\.h5"):
        model.save_weights(tmp_path / "model.h5")
    with pytest.warns(UserWarning, match="input_shape"):
        keras.layers.Dense(1, input_shape=(2,))


@pytest.mark.requirement("X-036")
def test_four_videos_are_seven_gigabytes() -> None:
    """A minute at 5 frames a second, 1,920 wide and 1,080 high, in color: height before width.
    The size is known before a byte is read."""
    shape = (4, 60 * 5, 1_080, 1_920, 3)
    for kind, size in ((np.uint8, 7_464_960_000), (np.float32, 29_859_840_000)):
        videos = np.broadcast_to(kind(0), shape)
        assert training.Data(videos).bytes == size
