"""Batches drawn without end: epochs by their number of steps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from heldout.training import Endless, Plateau, train
from training.small_models import dense, difference, rows

X, Y = rows(64)


def draw() -> Iterator[Any]:
    """Batches of 16 with a seed of their own, for ever."""
    rng = np.random.default_rng(3)
    while True:
        x = rng.normal(size=(16, 6)).astype(np.float32)
        yield x, (x[:, 0] + x[:, 1] > 0).astype(np.float32)


@pytest.mark.requirement("TRAIN-13")
@pytest.mark.parametrize("memory", [None, 1_500])
def test_a_generator_is_trained_on_as_by_fit(memory: int | None) -> None:
    """Seven steps an epoch, for three epochs; also where two batches fit into the memory."""
    theirs, ours = dense(), dense()
    ours.set_weights(theirs.get_weights())
    fit = theirs.fit(draw(), steps_per_epoch=7, epochs=3, shuffle=False, verbose=0)
    made = train(ours, Endless.by(draw, 7), epochs=3, memory=memory, validation=(X, Y))
    assert difference(theirs.get_weights(), made.weights) == 0.0
    assert made.curve("loss") == fit.history["loss"]
    assert (made.steps, made.samples) == (21, 21 * 16)
    assert len(made.curve("val_loss")) == 3


@pytest.mark.requirement("TRAIN-13", "TRAIN-08")
def test_it_goes_on_behind_the_batches_that_were_seen(tmp_path: Path) -> None:
    """To the same bits, with a checkpoint in the middle of an epoch."""
    start = dense().get_weights()

    def run(**more: Any) -> Any:
        model = dense()
        model.set_weights(start)
        return train(model, Endless.by(draw, 5), plateau=Plateau("loss", patience=1), **more)

    whole = run(epochs=4)
    run(epochs=4, steps=8, folder=tmp_path)
    rest = run(epochs=4, folder=tmp_path)
    assert difference(whole.weights, rest.weights) == 0.0
    assert rest.steps == 20


def test_what_is_no_endless_generator_is_refused() -> None:
    """One that ends, one that changes its size, one that breaks."""
    two = Endless.by(lambda: iter([(X, Y), (X, Y)]), 3)
    with pytest.raises(ValueError, match="go on without end"):
        train(dense(), two, epochs=1)
    odd = Endless.by(lambda: iter([(X, Y), (X[:5], Y[:5]), (X, Y)]), 3)
    with pytest.raises(ValueError, match="a batch of 5 rows after one of 64"):
        train(dense(), odd, epochs=1)
    with pytest.raises(ValueError, match="gives no batch"):
        Endless.by(lambda: iter(()), 3)
    bad = Endless.by(lambda: iter([(X, Y), (X * np.nan, Y), (X, Y)]), 3)
    made = train(dense(), bad, epochs=1)
    assert made.stopped == "not finite"
    assert all(np.isfinite(w).all() for w in made.weights)
