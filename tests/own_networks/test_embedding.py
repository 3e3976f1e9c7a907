"""An embedding learned by a network: near values are treated alike, and it can be used again."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from heldout.training import train
from heldout.training.embedding import Embedding

NAMES = ("Oslo", "Bergen", "Rome", "Milan", "Quito", "Lima")


def learned() -> Embedding:
    """Cities of one country have one mean; the network sees their codes alone."""
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 6, size=(600, 1))
    y = np.array([-1.0, -1.0, 0.0, 0.0, 1.0, 1.0])[codes[:, 0]] + 0.1 * rng.normal(size=600)
    row = keras.Input((1,), dtype="int32")
    h = keras.layers.Flatten()(keras.layers.Embedding(6, 3, name="city")(row))
    model = keras.Model(row, keras.layers.Dense(1)(h))
    model.compile(keras.optimizers.Adam(0.02), "mse")
    keras.utils.set_random_seed(0)
    train(model, (codes, y), epochs=12, batch=32)
    return Embedding.of(model, "city", NAMES)


@pytest.mark.requirement("PREP-21")
def test_neighbors_plane_direction_saving_and_reuse(tmp_path: Path) -> None:
    found = learned()
    assert found.nearest("Oslo", 1)[0][0] == "Bergen"
    assert found.nearest("Lima", 1)[0][0] == "Quito"
    assert {n for n, _ in found.direction("Oslo", "Quito", 2)} == {"Quito", "Lima"}
    places, share = found.plane()
    assert places.shape == (6, 2) and 0.8 < share <= 1
    apart = np.linalg.norm(places[:, None] - places, axis=2)
    assert apart[0, 1] < apart[0, 2] < apart[0, 4]
    found.save(tmp_path / "city.tsv")
    again = Embedding.load(tmp_path / "city.tsv")
    assert again.names == NAMES
    np.testing.assert_array_equal(again.values, found.values)
    codes = np.arange(6).reshape(-1, 1)
    layer = again.layer()
    np.testing.assert_array_equal(np.asarray(layer(codes))[:, 0], found.values)
    assert not layer.trainable_variables
    with pytest.raises(KeyError, match="Paris"):
        found.nearest("Paris")
