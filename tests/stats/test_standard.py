"""Descriptions against the golden facts."""

import math

import numpy as np
import pytest

from heldout.stats.quantiles import binomial_upper_p, chi2_p, normal, normal_p, student, student_p
from heldout.stats.standard import (
    autocorrelation,
    entropy,
    gini,
    mean_sd,
    parts,
    poisson_sd,
    standard_error,
)


@pytest.mark.requirement("X-021")
def test_deviations_have_ddof_0():
    mean, sd = mean_sd(np.array([1, 2, 3, np.nan]))
    assert (mean, sd) == pytest.approx((2.0, 0.816497), abs=5e-7)
    assert all(math.isnan(v) for v in mean_sd(np.array([np.nan])))


@pytest.mark.requirement("X-010")
def test_the_standard_error_shrinks_with_the_root_of_n():
    x = np.tile([1.0, -1.0], 50)
    assert standard_error(x) == pytest.approx(x.std(ddof=1) / 10)
    assert math.sqrt(32) / math.sqrt(128) == 0.5  # batch 32 to 128 halves the noise


@pytest.mark.requirement("X-043")
def test_entropy_is_largest_for_two_equal_classes():
    assert entropy([0.5, 0.5]) == pytest.approx(0.693147, abs=5e-7)
    assert entropy([0.9, 0.1]) == pytest.approx(0.325083, abs=5e-7)
    assert entropy([0.9, 0.1]) / math.log(2) == pytest.approx(0.468996, abs=5e-7)
    grid = np.linspace(0, 1, 101)
    assert grid[np.argmax([entropy([p, 1 - p]) for p in grid])] == 0.5
    assert -math.log(1e-6) == pytest.approx(13.8155, abs=5e-5)


@pytest.mark.requirement("X-040", "LOSS-09")
def test_gini():
    assert gini([0.5, 0.5]) == 0.5
    assert gini([0.9, 0.1]) == pytest.approx(0.18)


@pytest.mark.requirement("X-006", "EVAL-07")
def test_parts_by_largest_remainder():
    assert parts(1000, [0.8, 0.1, 0.1]) == [800, 100, 100]
    assert parts(1003, [0.8, 0.1, 0.1]) == [803, 100, 100]
    assert parts(10, [1, 1, 1]) == [4, 3, 3]
    assert parts(0, [0.5, 0.5]) == [0, 0]


@pytest.mark.requirement("X-012")
def test_counts_vary_by_their_root():
    assert poisson_sd(14) == pytest.approx(3.74, abs=0.005)


def test_autocorrelation_finds_a_period():
    x = np.sin(2 * np.pi * np.arange(120) / 12)
    r = autocorrelation(x, 24)
    assert r[0] == pytest.approx(1)
    assert np.argmax(r[2:20]) + 2 == 12
    assert not autocorrelation(np.ones(10), 3).any()


def test_quantiles_and_tails_are_scipys():
    from scipy import stats

    assert normal(0.95) == pytest.approx(stats.norm.ppf(0.975), abs=1e-15)
    assert normal(0.8) == pytest.approx(stats.norm.ppf(0.9))
    assert student(0.95, 7) == pytest.approx(stats.t.ppf(0.975, 7))
    assert student(0.95, 0) == math.inf
    assert student_p(2.5, 6) == pytest.approx(2 * stats.t.sf(2.5, 6))
    assert normal_p(-1.3) == pytest.approx(2 * stats.norm.sf(1.3))
    assert chi2_p(7.0, 3) == pytest.approx(stats.chi2.sf(7.0, 3))
    k, n, p = np.array([0, 3, 10]), np.array([10, 10, 10]), np.array([0.2, 0.2, 0.2])
    assert binomial_upper_p(k, n, p) == pytest.approx(stats.binom.sf(k - 1, n, p))
