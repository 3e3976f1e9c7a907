"""Sample sizes and detectable gains against printed values."""

import numpy as np
import pytest

from heldout.stats.estimate import Estimate
from heldout.stats.intervals import interval
from heldout.stats.power import (
    GATE_LEVEL,
    detectable_gain,
    samples_for_accuracy,
    samples_for_means,
    samples_for_rates,
    two_rates,
)


@pytest.mark.requirement("X-013", "MONITOR-01")
def test_the_size_of_an_experiment():
    assert samples_for_rates(0.10, 0.12) == 3841
    assert samples_for_rates(0.10, 0.12, pooled=False) == 3839
    z, p = two_rates(100, 1000, 130, 1000)
    assert (z, p) == pytest.approx((2.102741, 0.035488), abs=5e-7)


def test_equal_rates_are_no_news():
    assert two_rates(0, 10, 0, 10) == (0.0, 1.0)


@pytest.mark.requirement("EVAL-24")
def test_the_smallest_gain_that_could_be_seen():
    psi = np.tile([0.1, -0.1], 500)
    usual = detectable_gain(Estimate(0.0, psi), level=0.95, power=0.8)
    assert usual == pytest.approx(2.8016 * 0.1 / np.sqrt(999), rel=1e-4)
    gain = detectable_gain(Estimate(0.0, psi))
    assert gain == pytest.approx(3.2778 * 0.1 / np.sqrt(999), rel=1e-4)
    assert detectable_gain(Estimate(0.0, psi), factor=1.2) == pytest.approx(1.2 * gain)
    grouped = detectable_gain(Estimate(0.0, np.repeat(psi, 2)), groups=np.arange(2000) // 2)
    assert grouped == pytest.approx(gain, rel=5e-3)
    assert samples_for_accuracy(0.02, 0.2) == 3925
    assert samples_for_means(0.5, 1.0) == 63


@pytest.mark.requirement("EVAL-02", "EVAL-24")
def test_a_gain_of_the_stated_size_is_found_four_times_in_five():
    """Drawn with exactly that gain, few groups too, and seldom found where there is none."""
    rng, draws = np.random.default_rng(0), 600
    for groups in (None, np.arange(120) // 10):
        rows = rng.normal(size=(draws, 120))
        parts = [Estimate(0.0, x - x.mean()) for x in rows]
        stated = float(np.mean([detectable_gain(p, groups=groups) for p in parts]))
        lows = [
            interval(p.moved(x.mean()), groups=groups, level=GATE_LEVEL).low
            for p, x in zip(parts, rows, strict=True)
        ]
        assert np.mean([low + stated > 0 for low in lows]) >= 0.8
        assert np.mean([low > 0 for low in lows]) <= 0.025
