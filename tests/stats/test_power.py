"""Sample sizes and detectable gains against printed values."""

import numpy as np
import pytest

from heldout.stats.estimate import Estimate
from heldout.stats.power import (
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
    gain = detectable_gain(Estimate(0.0, psi))
    assert gain == pytest.approx(2.80 * 0.1 / np.sqrt(999), rel=1e-9)
    assert detectable_gain(Estimate(0.0, psi), factor=1.2) == pytest.approx(1.2 * gain)
    grouped = detectable_gain(Estimate(0.0, np.repeat(psi, 2)), groups=np.arange(2000) // 2)
    assert grouped == pytest.approx(gain, rel=1e-3)
    assert samples_for_accuracy(0.02, 0.2) == 3925
    assert samples_for_means(0.5, 1.0) == 63


def test_the_promised_power_is_kept():
    """A true gain of the detectable size is found in about 80 % of draws."""
    rng = np.random.default_rng(0)
    found = 0
    for _ in range(400):
        x = rng.normal(0.2802, 1.0, 100)  # 2.80 / sqrt(100)
        found += x.mean() - 1.96 * x.std(ddof=1) / 10 > 0
    assert 0.74 < found / 400 < 0.86
