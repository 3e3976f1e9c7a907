"""A learning rate that is too low or too high: seen in the curve, with the way to move."""

from __future__ import annotations

from typing import Any

import keras
import pytest

import heldout
from heldout.training.diagnosis import range_test
from training.small_models import dense, difference, rows

X, Y = rows()


@pytest.mark.requirement("TRAIN-05")
@pytest.mark.parametrize(("rate", "check", "up"), [(1e-7, "rate_too_low", True), (8.0, "rate_too_high", False)])  # fmt: skip
def test_the_curve_says_which_way_to_move(rate: float, check: str, up: bool) -> None:
    """Too slow to learn: up. Bounces: down. The advised rate then learns more."""
    found = heldout.diagnose(dense(optimizer=keras.optimizers.SGD(rate)), (X, Y), epochs=6)
    (own,) = [f for f in found.findings if f.check == check]
    advised = next(r.settings["learning_rate"] for r in own.remedies if "learning_rate" in r.settings)  # fmt: skip
    assert (advised > rate) == up
    losses: list[Any] = []
    for each in (rate, advised):
        keras.utils.set_random_seed(0)
        model = dense(optimizer=keras.optimizers.SGD(each))
        losses.append(model.fit(X, Y, epochs=6, verbose=0).history["loss"][-1])
    assert losses[1] < losses[0]


@pytest.mark.requirement("TRAIN-05")
def test_the_range_test_finds_a_rate_and_puts_everything_back() -> None:
    """From a millionth to ten, a batch a rate: where it falls fastest lies below where it breaks."""
    keras.utils.set_random_seed(1)
    model = dense(optimizer=keras.optimizers.SGD(0.01))
    before = model.get_weights()
    made = range_test(model, (X, Y), steps=60)
    assert 1e-3 < made.advised < made.breaks
    assert difference(before, model.get_weights()) == 0.0
    assert float(model.optimizer.learning_rate) == pytest.approx(0.01)
