"""Facts of the textbooks with known numbers, by hand, beside the libraries. Those that heldout has
no code for yet carry no mark of a requirement."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from heldout.training import Data
from heldout.training import state as states
from heldout.training.member import Regime
from heldout.training.population import Structure


@pytest.mark.requirement("X-037")
def test_rows_are_a_list_of_lists() -> None:
    """Rows one after the other as arguments are no array: the second would be its dtype."""
    with pytest.raises(TypeError):
        np.array([0, 1], [2, 3], [4, 5])  # type: ignore[call-overload]
    data = Data.of(np.array([[0, 1], [2, 3], [4, 5]]), [0, 1, 0])
    assert (len(data), data.x.shape, data.x.ndim) == (3, (3, 2), 2)


def wide(dropout: bool) -> keras.Model:
    """Three layers, with dropout after each or without."""
    layers = keras.layers
    parts: list[object] = [keras.Input((20,))]
    for _ in range(3):
        parts += [layers.Dense(32, "relu"), *([layers.Dropout(0.5)] if dropout else [])]
    model = keras.Sequential([*parts, layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


@pytest.mark.requirement("X-078")
def test_an_epoch_with_dropout_is_not_cheaper() -> None:
    """Zeros are multiplied like other numbers, and the masks are drawn besides: the compiled step
    does at least as many operations."""
    cost = {}
    data = Data.of(np.zeros((8, 20)), np.zeros((8, 1)))
    for dropout in (False, True):
        structure = Structure.of(lambda d=dropout: wide(d), Regime(epochs=1), data)
        program = structure.program(())
        from jax import numpy as jnp
        from jax import random, tree

        start = tree.map(jnp.asarray, states.read(structure.model))
        lowered = program.batch_step.lower(
            start, (data.x, data.y, None), jnp.zeros((0,)), random.key(0)
        )
        found = lowered.cost_analysis()
        cost[dropout] = (found if isinstance(found, dict) else found[0])["flops"]
    assert cost[True] >= cost[False] > 0


def test_a_class_activation_map() -> None:
    """X-085: maps weighed, added, what is negative cut, scaled to 1."""
    maps = np.array([[[1, 0], [0, 2]], [[0, 3], [1, 0]]], float)
    found = np.maximum(np.tensordot([1, -0.5], maps, axes=1), 0)
    assert found.tolist() == [[1, 0], [0, 2]]
    assert (found / found.max()).tolist() == [[0.5, 0], [0, 1]]


def test_a_layer_in_both_directions_reads_the_end_of_its_window() -> None:
    """X-094: over a whole series the answer at a time changes with later values; a window of the
    past has no later values in it."""
    keras.utils.set_random_seed(0)
    layer = keras.layers.Bidirectional(keras.layers.GRU(3, return_sequences=True))
    series = np.random.default_rng(0).normal(size=(1, 8, 1)).astype(np.float32)
    later = series.copy()
    later[0, 6] += 1
    whole, changed = np.asarray(layer(series)), np.asarray(layer(later))
    assert np.abs(whole[0, 3] - changed[0, 3]).max() > 1e-6
    np.testing.assert_array_equal(np.asarray(layer(series[:, :4])), np.asarray(layer(later[:, :4])))


def test_divergence_of_a_normal_from_the_standard_one() -> None:
    """X-100: (mean^2 + e^v - 1 - v) / 2 for the logarithm v of the variance."""
    given = [(1.0, 0.0), (0.0, 0.0), (0.0, np.log(4))]
    found = [(m**2 + np.exp(v) - 1 - v) / 2 for m, v in given]
    assert found == pytest.approx([0.5, 0.0, 0.806853], abs=1e-6)


def test_a_gram_matrix() -> None:
    """X-101: which channels fire together."""
    maps = np.array([[1, 2], [3, 4]])
    assert (maps @ maps.T).tolist() == [[5, 11], [11, 25]]


def test_two_clusters_on_a_line() -> None:
    """X-106: inertia 1, silhouette 0.899749, Davies-Bouldin 0.1."""
    x, label = np.array([0.0, 1, 10, 11]), np.array([0, 0, 1, 1])
    center = np.array([x[label == k].mean() for k in (0, 1)])
    assert ((x - center[label]) ** 2).sum() == 1.0
    own = np.array([1.0, 1, 1, 1])
    other = np.array([np.abs(x[i] - x[label != label[i]]).mean() for i in range(4)])
    assert ((other - own) / np.maximum(own, other)).mean() == pytest.approx(0.899749, abs=1e-6)
    within = [np.abs(x[label == k] - center[k]).mean() for k in (0, 1)]
    assert sum(within) / abs(center[0] - center[1]) == pytest.approx(0.1)


def test_a_linear_kernel_gives_the_principal_components() -> None:
    """X-108: up to the sign."""
    x = np.random.default_rng(0).normal(size=(30, 4))
    x -= x.mean(axis=0)
    u, s, _ = np.linalg.svd(x, full_matrices=False)
    values, vectors = np.linalg.eigh(x @ x.T)
    by_kernel = (vectors * np.sqrt(np.maximum(values, 0)))[:, ::-1][:, :4]
    np.testing.assert_allclose(np.abs(by_kernel), np.abs(u * s), atol=1e-10)


def test_scales_of_eight_bits_and_half_of_the_weights() -> None:
    """X-122: on [-1, 1] symmetric 1/127, asymmetric 2/255; the smaller half becomes 0."""
    assert pytest.approx((0.007874, 0.007843), abs=1e-6) == (1 / 127, 2 / 255)
    weights = np.array([0.1, -0.5, 0.3, -0.05])
    order = np.argsort(np.abs(weights))
    weights[order[:2]] = 0
    assert weights.tolist() == [0, -0.5, 0.3, 0]
