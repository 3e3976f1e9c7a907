"""Momentum as a ball, optimizers on surfaces, saddles in many dimensions."""

from __future__ import annotations

import numpy as np
import pytest

from heldout.training.surfaces import SURFACES, share_of_minima, walk


@pytest.mark.requirement("TRAIN-18")
def test_a_ball_rolls_out_of_the_shallow_hollow_and_plain_descent_stays() -> None:
    """From the same place at the same rate: momentum carries over the hill to the deeper one."""
    plain = walk("two hollows", "sgd", 0.05)
    ball = walk("two hollows", "momentum", 0.05)
    assert plain.places[-1, 0] == pytest.approx(-0.9143, abs=1e-3)
    assert ball.left < 0.05
    assert ball.heights[-1] < plain.heights[-1]
    assert (np.diff(plain.heights) <= 1e-9).all()
    assert (np.diff(ball.heights) > 0).any()


@pytest.mark.requirement("TRAIN-18")
def test_in_a_narrow_valley_momentum_and_adaptive_rates_are_ahead() -> None:
    """The rate is bounded by the steep side; the flat one is left to wait."""
    left = {
        "sgd": walk("valley", "sgd", 0.03).left,
        "momentum": walk("valley", "momentum", 0.03).left,
        "nesterov": walk("valley", "nesterov", 0.03).left,
        "adam": walk("valley", "adam", 0.2).left,
    }
    assert left["sgd"] > 0.1
    assert all(value < left["sgd"] for name, value in left.items() if name != "sgd")


@pytest.mark.requirement("TRAIN-18")
def test_saddles_hold_plain_descent_up_and_become_the_rule() -> None:
    """And the slope of every surface is that of its height."""
    slow, fast = walk("saddle", "sgd", 0.05), walk("saddle", "rmsprop", 0.05)
    assert abs(slow.places[60, 1]) < 0.05
    assert abs(fast.places[60, 1]) > 0.5
    for surface in SURFACES.values():
        p = np.array(surface.start) + 0.3
        for axis in range(len(p)):
            step = np.zeros(len(p))
            step[axis] = 1e-5
            rise = (surface.height(p + step) - surface.height(p - step)) / 2e-5
            assert surface.slope(p)[axis] == pytest.approx(rise, abs=1e-5)
        assert np.abs(surface.slope(np.array(surface.floor))).max() < 1e-3
    shares = [share_of_minima(d) for d in (1, 2, 3, 6)]
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] == 0.0
