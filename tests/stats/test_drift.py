"""Distances of distributions and the promise of their bounds."""

import numpy as np
import pytest

from heldout.stats.drift import (
    e_bh,
    e_value,
    effect,
    largest_gap,
    psi,
    psi_without_noise,
    share_change,
)


@pytest.mark.requirement("MONITOR-04", "X-014")
def test_psi_of_a_known_change():
    assert psi([0.5, 0.5], [0.6, 0.4]) == pytest.approx(0.040547, abs=5e-7)
    assert psi([1, 0], [1, 1]) == np.inf
    assert np.isfinite(psi([1, 0], [1, 1], floor=0.5))


def test_the_noise_of_psi_is_taken_out():
    rng = np.random.default_rng(0)
    raw, clean = [], []
    for _ in range(300):
        a, b = rng.multinomial(200, np.full(10, 0.1)), rng.multinomial(200, np.full(10, 0.1))
        raw.append(psi(a, b, 0.5))
        clean.append(psi_without_noise(a, b))
    assert np.mean(raw) == pytest.approx(9 * 2 / 200, rel=0.15)
    assert np.median(clean) < 0.02
    assert psi_without_noise([0, 0], [1, 1]) == 0.0


def test_largest_gap():
    assert largest_gap([1, 1, 0], [0, 1, 1]) == pytest.approx(0.5)


@pytest.mark.requirement("MONITOR-04")
@pytest.mark.parametrize(("n", "m"), [(5000, 200), (1000, 1000), (20000, 20000)])
def test_calm_windows_keep_the_promise(n, m):
    """Without drift the lower bound is above 0 in about 1 % of windows, above 0.1 in none."""
    rng = np.random.default_rng(1)
    shares = rng.dirichlet(np.ones(20))
    lows = [effect(rng.multinomial(n, shares), rng.multinomial(m, shares)).low for _ in range(1000)]
    assert np.mean(np.array(lows) > 0) <= 0.02
    assert max(lows) < 0.2


@pytest.mark.requirement("MONITOR-04")
def test_the_effect_is_found_and_its_bound_lies_below_it():
    rng = np.random.default_rng(2)
    p = np.full(10, 0.1)
    q = p + np.where(np.arange(10) < 5, 0.04, -0.04)
    # w on the pooled shares
    middle = (p + q) / 2
    w = np.sqrt(np.sum((q - p) ** 2 / middle))
    found = [effect(rng.multinomial(5000, p), rng.multinomial(5000, q)) for _ in range(200)]
    assert np.mean([f.effect for f in found]) == pytest.approx(w, rel=0.02)
    assert np.mean([f.low <= w for f in found]) >= 0.97
    assert min(f.low for f in found) > 0.3


def test_effects_of_nothing():
    assert effect([0, 0], [0, 0]).effect == 0.0
    assert effect([10, 0], [10, 0]).low == 0.0
    assert effect([10], [0]).p == 1.0


def test_a_vanished_level_is_seen():
    found = effect([500, 500], [1000, 0])
    assert found.low > 0.5


def test_one_share_against_another():
    rng = np.random.default_rng(3)
    calm = [
        share_change(int(rng.binomial(2000, 0.05)), 2000, int(rng.binomial(500, 0.05)), 500).low
        for _ in range(500)
    ]
    assert np.mean(np.array(calm) > 0) <= 0.01
    assert share_change(0, 5000, 40, 500).low > 0.35
    assert share_change(0, 0, 1, 5).effect == 0.0


def test_e_values_keep_the_false_discovery_rate():
    rng = np.random.default_rng(4)
    p = rng.random(20000)
    assert np.mean([e_value(x) for x in p]) <= 1.05
    false = [e_bh(np.array([e_value(x) for x in rng.random(30)]), 0.05).any() for _ in range(500)]
    assert np.mean(false) <= 0.05
    assert e_bh(np.array([])).tolist() == []
    assert e_bh(np.array([1e6, 0.1, 1e6])).tolist() == [True, False, True]
