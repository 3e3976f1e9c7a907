"""Convolutions as products of matrices: the numbers of Keras' own, and their gradients."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest

from heldout.training import Data, Member, Population, Regime, train
from heldout.training.layers import has_native_convolution, unfoldable
from heldout.training.unfold import convolve, largest, unfolded
from training.small_models import difference

RNG = np.random.default_rng(0)
CASES = [
    ((7, 9), 3, 1, "valid", 1),
    ((7, 9), (3, 2), 1, "same", 1),
    ((8, 8), 3, 2, "same", 1),
    ((9, 8), 5, 3, "valid", 1),
    ((11, 10), 3, 1, "same", 2),
    ((12,), 4, 2, "same", 1),
    ((12,), 3, 1, "valid", 3),
]


@pytest.mark.requirement("VISION-02", "X-080")
@pytest.mark.parametrize(("shape", "size", "stride", "padding", "dilation"), CASES)
def test_an_unfolded_convolution_is_that_of_keras(
    shape: tuple[int, ...], size: Any, stride: int, padding: str, dilation: int
) -> None:
    """Outputs and the gradients by inputs and kernel, for strides, paddings, dilations."""
    layer = (keras.layers.Conv2D if len(shape) == 2 else keras.layers.Conv1D)(
        4, size, strides=stride, padding=padding, dilation_rate=dilation, use_bias=False
    )
    x = jnp.asarray(RNG.normal(size=(2, *shape, 3)), jnp.float32)
    layer.build(x.shape)
    assert unfoldable(layer)
    weight = jnp.asarray(RNG.normal(size=layer(x).shape), jnp.float32)

    def theirs(x: Any, kernel: Any) -> Any:
        return jnp.sum(weight * layer.convolution_op(x, kernel))

    def ours(x: Any, kernel: Any) -> Any:
        made = convolve(x, kernel, layer.strides, padding, layer.dilation_rate)
        return jnp.sum(weight * made)

    kernel = layer.kernel.value
    a = jax.value_and_grad(theirs, argnums=(0, 1))(x, kernel)
    b = jax.value_and_grad(ours, argnums=(0, 1))(x, kernel)
    for left, right in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True):
        assert np.allclose(left, right, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("sizes", [(2, 2), (3, 2), (2,)])
def test_the_largest_of_each_block_with_its_gradient(sizes: tuple[int, ...]) -> None:
    """Ties too: whole numbers have many, and the first of equals gets the gradient."""
    shape = (2, 7, 8, 3)[: len(sizes) + 1]
    x = jnp.asarray(RNG.integers(0, 3, size=(*shape, 3)), jnp.float32)
    theirs = keras.ops.max_pool(x, sizes, sizes)
    assert np.array_equal(theirs, largest(x, sizes))
    weight = jnp.asarray(RNG.normal(size=theirs.shape), jnp.float32)
    a = jax.grad(lambda x: jnp.sum(weight * keras.ops.max_pool(x, sizes, sizes)))(x)
    b = jax.grad(lambda x: jnp.sum(weight * largest(x, sizes)))(x)
    assert np.array_equal(a, b)
    hurt = x.at[(0,) * x.ndim].set(jnp.nan)
    assert bool(jnp.isnan(largest(hurt, sizes)).any())


def convnet() -> Any:
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((10, 10, 1)),
            layers.Conv2D(4, 3, activation="relu", padding="same"),
            layers.MaxPooling2D(),
            layers.Conv2D(8, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile(keras.optimizers.Adam(1e-2), "sparse_categorical_crossentropy")
    return model


X = RNG.normal(size=(90, 10, 10, 1)).astype(np.float32)
Y = RNG.integers(0, 3, 90)


@pytest.mark.slow
def test_a_convnet_trained_in_a_loop_is_that_of_fit() -> None:
    """Losses within a few units in the last place of float32; the layers are as before."""
    theirs, ours = convnet(), convnet()
    ours.set_weights(theirs.get_weights())
    fit = theirs.fit(
        X[:70], Y[:70], batch_size=20, epochs=2, shuffle=False, verbose=0,
        validation_data=(X[70:], Y[70:]),
    )  # fmt: skip
    made = train(
        ours, (X[:70], Y[:70]), validation=(X[70:], Y[70:]), epochs=2, batch=20, shuffle=False
    )
    assert made.curve("loss") == pytest.approx(fit.history["loss"], rel=1e-5)
    assert made.curve("val_loss") == pytest.approx(fit.history["val_loss"], rel=1e-5)
    assert difference(theirs.get_weights(), made.weights) < 1e-3
    assert not any({"convolution_op", "call"} & set(layer.__dict__) for layer in ours.layers)


def test_step_by_step_convolutions_stay_as_they_are() -> None:
    """Then a convnet has the bits of ``Model.fit`` too."""
    theirs, ours = convnet(), convnet()
    ours.set_weights(theirs.get_weights())
    theirs.fit(X, Y, batch_size=30, epochs=1, shuffle=False, verbose=0)
    made = train(ours, (X, Y), epochs=1, batch=30, shuffle=False, driver="step")
    assert difference(theirs.get_weights(), made.weights) == 0.0


def test_which_convolutions_stay() -> None:
    """By depth, transposed, large kernels: they are trained step by step."""
    layers = keras.layers
    for layer in (layers.DepthwiseConv2D(3), layers.Conv2DTranspose(4, 3), layers.Conv2D(4, 11)):
        assert has_native_convolution(keras.Sequential([keras.Input((32, 32, 3)), layer]))
    assert not has_native_convolution(convnet())
    with unfolded(convnet(), True) as nothing:
        assert nothing is None


def test_members_of_a_convnet_population_are_as_alone() -> None:
    """Bit for bit."""
    members = [Member(str(i), np.arange(60), np.arange(60, 90)) for i in range(2)]
    both = Population(convnet, Data.of(X, Y), members, Regime(epochs=1, batch=20)).run()
    assert difference(both[0].weights, both[1].weights) == 0.0
