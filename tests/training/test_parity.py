"""The engine against Model.fit: the same bits."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from heldout import training
from training.small_models import dense, difference, rows


@pytest.mark.requirement("TRAIN-01", "TRAIN-02", "LOSS-10", "X-056", "PLATFORM-01")
@pytest.mark.parametrize("driver", ["loop", "step"])
def test_a_training_without_randomness_is_bit_for_bit_that_of_fit(driver: str) -> None:
    """300 rows in batches of 64: the last one has 44, and every mean is right."""
    x, y = rows()
    theirs, ours = dense(), dense()
    ours.set_weights(theirs.get_weights())
    held = (x[300:], y[300:])
    fit = theirs.fit(
        x[:300], y[:300], batch_size=64, epochs=3, shuffle=False, verbose=0, validation_data=held
    )
    made = training.train(
        ours,
        (x[:300], y[:300]),
        validation=held,
        epochs=3,
        batch=64,
        shuffle=False,
        validation_batch=64,
        driver=driver,
    )
    assert difference(theirs.get_weights(), made.weights) == 0.0
    assert made.curve("loss") == fit.history["loss"]
    assert made.curve("val_loss") == fit.history["val_loss"]
    assert (made.steps, made.samples, made.epochs, made.stopped) == (15, 900, 3, "epochs")


@pytest.mark.requirement("PLATFORM-04")
def test_batch_statistics_metrics_and_penalties_come_along() -> None:
    """Batch normalization, AUC, an L2 penalty: nothing is reimplemented."""
    x, y = rows(200)

    def build() -> keras.Model:
        model = keras.Sequential(
            [
                keras.Input((6,)),
                keras.layers.Dense(8, activation="relu", kernel_regularizer="l2"),
                keras.layers.BatchNormalization(),
                keras.layers.Dense(1, activation="sigmoid"),
            ]
        )
        model.compile("rmsprop", "binary_crossentropy", metrics=["accuracy", "AUC"])
        return model

    theirs, ours = build(), build()
    ours.set_weights(theirs.get_weights())
    fit = theirs.fit(x, y, batch_size=50, epochs=2, shuffle=False, verbose=0)
    made = training.train(ours, (x, y), epochs=2, batch=50, shuffle=False)
    assert difference(theirs.get_weights(), ours.get_weights()) == 0.0
    assert made.history[-1]["AUC"] == fit.history["AUC"][-1]
    assert np.isfinite(made.curve("accuracy")).all()
