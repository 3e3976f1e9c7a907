"""Last layer, loss and target: what does not fit is refused with the reason."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from heldout.core.errors import HeldoutError
from heldout.training.data import Data
from heldout.training.diagnosis import layers, pairing

X = np.random.default_rng(0).normal(size=(12, 4)).astype(np.float32)
CODES = np.arange(12) % 3
HOT = np.eye(3, dtype=np.float32)[CODES]
SEVERAL = np.stack([CODES > 0, CODES > 1, CODES < 2], axis=1).astype(np.float32)
YES = (CODES > 0).astype(np.float32)
NUMBER = X[:, :1] * 30


def model(units: int, activation: str | None, loss: Any, hidden: tuple[int, ...] = (8,)) -> Any:
    """A dense net with this end."""
    parts = [keras.layers.Dense(k, activation="relu") for k in hidden]
    made = keras.Sequential(
        [keras.Input((4,)), *parts, keras.layers.Dense(units, activation=activation)]
    )
    made.compile("adam", loss)
    return made


FITS = [
    (1, "sigmoid", "binary_crossentropy", YES),
    (1, None, keras.losses.BinaryCrossentropy(from_logits=True), YES),
    (3, "sigmoid", "binary_crossentropy", SEVERAL),
    (3, "softmax", "categorical_crossentropy", HOT),
    (3, "softmax", "sparse_categorical_crossentropy", CODES),
    (3, None, keras.losses.SparseCategoricalCrossentropy(from_logits=True), CODES),
    (1, None, "mse", NUMBER),
    (1, "sigmoid", "mean_squared_error", YES),
    (1, None, lambda y, p: keras.ops.mean(y - p), NUMBER),
]


@pytest.mark.requirement("LOSS-02", "LOSS-03", "LOSS-04", "LOSS-05", "LOSS-06", "X-041")
@pytest.mark.parametrize(("units", "activation", "loss", "y"), FITS)
def test_right_pairings_pass(units: int, activation: Any, loss: Any, y: Any) -> None:
    assert pairing.mismatches(model(units, activation, loss), Data.of(X, y)) == []


WRONG = [
    (3, "softmax", "binary_crossentropy", SEVERAL, "softmax for several labels"),
    (3, "softmax", "categorical_crossentropy", SEVERAL, "several labels a row"),
    (1, "softmax", "binary_crossentropy", YES, "softmax with one unit"),
    (1, "sigmoid", "mean_squared_error", NUMBER, "sigmoid as last layer and a target from"),
    (1, "relu", "mae", NUMBER, "relu as last layer"),
    (3, "softmax", "sparse_categorical_crossentropy", HOT, "the sparse loss and a target of 3"),
    (3, "softmax", "categorical_crossentropy", CODES, "categorical cross-entropy and a target of"),
    (2, "softmax", "sparse_categorical_crossentropy", CODES, "classes 0 to 2"),
    (1, None, "binary_crossentropy", YES, "activation linear and binary_crossentropy"),
    (1, "sigmoid", keras.losses.BinaryCrossentropy(from_logits=True), YES, "from_logits=True"),
    (1, "sigmoid", "binary_crossentropy", CODES, "target from 0 to 2"),
    (3, "sigmoid", "categorical_crossentropy", HOT, "sigmoid with categorical"),
    (3, "softmax", "sparse_categorical_crossentropy", X[:, 0], "fractions"),
]


@pytest.mark.requirement("MODEL-24", "LOSS-02", "LOSS-03", "LOSS-04", "LOSS-05", "LOSS-06")
@pytest.mark.parametrize(("units", "activation", "loss", "y", "said"), WRONG)
def test_wrong_pairings_are_refused(
    units: int, activation: Any, loss: Any, y: Any, said: str
) -> None:
    with pytest.raises(HeldoutError, match=said) as raised:
        pairing.refuse(model(units, activation, loss), Data.of(X, y))
    assert raised.value.code == "H268"
    assert raised.value.why and raised.value.do


@pytest.mark.requirement("PLATFORM-05")
def test_shapes_are_explained_in_words() -> None:
    plain = model(3, None, "mse")
    with pytest.raises(HeldoutError, match="the last layer gives 3 numbers a row") as raised:
        pairing.refuse(plain, Data.of(X, X[:, :2]))
    assert raised.value.code == "H269" and "Dense(2)" in raised.value.do[0]
    with pytest.raises(HeldoutError, match="takes 4 numbers a row, the data have 3 numbers"):
        pairing.refuse(plain, Data.of(X[:, :3], X[:, :3]))
    with pytest.raises(HeldoutError, match="1 inputs, the data 2 arrays"):
        pairing.refuse(plain, Data.of((X, X), X[:, :3]))
    image = keras.Sequential(
        [keras.Input((5, 5, 1)), keras.layers.Flatten(), keras.layers.Dense(1)]
    )
    image.compile("adam", "mse")
    with pytest.raises(HeldoutError, match="5 x 5 x 1") as raised:
        pairing.refuse(image, Data.of(np.zeros((4, 5, 5)), np.zeros(4)))
    assert "x[..., None]" in raised.value.do[0]


@pytest.mark.requirement("MODEL-20")
def test_linear_layers_collapse_and_are_seen() -> None:
    dense = keras.layers.Dense
    inner = keras.Sequential([keras.Input((4,)), dense(5, name="a"), keras.layers.Dropout(0.1)])
    made = keras.Sequential([keras.Input((4,)), inner, dense(3, name="b")])
    assert layers.linear_pairs(keras.Sequential([keras.Input((4,)), dense(5, name="a"),
        keras.layers.Dropout(0.1), dense(3, name="b")])) == (("a", "b"),)  # fmt: skip
    a, b = made.get_layer("b"), inner.get_layer("a")
    together = b.kernel.numpy() if hasattr(b.kernel, "numpy") else np.asarray(b.kernel)
    both = X @ together @ np.asarray(a.kernel)
    np.testing.assert_allclose(np.asarray(made(X)), both, atol=1e-5)
    assert layers.linear_pairs(model(3, "softmax", "categorical_crossentropy")) == ()


@pytest.mark.requirement("MODEL-21")
def test_a_bottleneck_is_seen() -> None:
    narrow = model(46, "softmax", "sparse_categorical_crossentropy", (64, 4))
    assert [part[1:] for part in layers.narrow(narrow)] == [(4, 46)]
    assert layers.narrow(model(4, None, "mse", (2,))) == ()  # an autoencoder
    assert layers.narrow(model(1, None, "mse", (8,))) == ()


def test_training_refuses_before_it_begins() -> None:
    """Softmax for several labels at once is told, not trained."""
    from heldout import training

    with pytest.raises(HeldoutError) as told:
        training.train(model(3, "softmax", "binary_crossentropy"), (X, SEVERAL), epochs=1)
    assert told.value.code == "H268"
