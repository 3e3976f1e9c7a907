"""Intervals from influence values against closed forms, SciPy and printed values."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from heldout.stats.estimate import Estimate
from heldout.stats.intervals import clopper_pearson, ends, interval, on_scale, paired, wilson


def mean_of(values, scale="plain", positives=None):
    values = np.asarray(values, dtype=float)
    return Estimate(float(values.mean()), values - values.mean(), scale, positives)


@pytest.mark.requirement("EVAL-16", "X-009")
@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(85, 100, 0.767164, 0.906940), (850, 1000, 0.826531, 0.870790)],
)
def test_wilson_has_the_printed_ends(k, n, low, high):
    assert wilson(k, n) == pytest.approx((low, high), abs=5e-7)
    hits = np.repeat([1.0, 0.0], [k, n - k])
    found = interval(mean_of(hits, "wilson"))
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-7)


@pytest.mark.parametrize(("k", "n"), [(0, 10), (3, 10), (10, 10), (85, 100)])
@pytest.mark.parametrize("level", [0.9, 0.95, 0.999])
def test_exact_and_wilson_intervals_are_scipys(k, n, level):
    test = stats.binomtest(k, n)
    exact = test.proportion_ci(level, method="exact")
    assert clopper_pearson(k, n, level) == pytest.approx((exact.low, exact.high), abs=1e-12)
    score = test.proportion_ci(level, method="wilson")
    assert wilson(k, n, level) == pytest.approx((score.low, score.high), abs=1e-12)


def test_no_trials_say_nothing():
    assert wilson(0, 0) == (0.0, 1.0)
    assert clopper_pearson(0, 0) == (0.0, 1.0)


@pytest.mark.requirement("X-010")
def test_a_mean_with_t_is_the_textbook_interval():
    x = np.random.default_rng(0).normal(3, 2, 40)
    found = interval(mean_of(x, positives=40))
    se = stats.sem(x)
    assert found.standard_error == pytest.approx(se, rel=1e-12)
    assert (found.low, found.high) == pytest.approx(stats.t.interval(0.95, 39, x.mean(), se))


def test_without_positives_the_quantile_is_normal():
    x = np.random.default_rng(0).normal(3, 2, 40)
    found = interval(mean_of(x), level=0.9)
    assert found.low == pytest.approx(stats.norm.interval(0.9, x.mean(), stats.sem(x))[0])


def test_singleton_groups_change_only_the_quantile():
    x = np.random.default_rng(1).normal(0, 1, 30)
    rows, groups = interval(mean_of(x)), interval(mean_of(x), groups=np.arange(30))
    assert groups.standard_error == pytest.approx(rows.standard_error, rel=1e-12)
    assert groups.high - groups.low > rows.high - rows.low


def test_equal_samples_in_a_group_count_once():
    x = np.random.default_rng(2).normal(0, 1, 25)
    once = interval(mean_of(x, positives=25))
    thrice = interval(mean_of(np.repeat(x, 3)), groups=np.repeat(np.arange(25) * 7 - 3, 3))
    assert (thrice.low, thrice.high) == pytest.approx((once.low, once.high), rel=1e-9)


def test_nine_groups_have_no_interval():
    x = np.random.default_rng(3).normal(0, 1, 90)
    found = interval(mean_of(x), groups=np.arange(90) % 9)
    assert found.low is None and found.high is None
    assert "9 groups" in found.warning


@pytest.mark.requirement("EVAL-16")
def test_the_factor_widens_the_standard_error():
    x = np.random.default_rng(4).normal(0, 1, 50)
    assert interval(mean_of(x), factor=1.2).standard_error == pytest.approx(
        1.2 * interval(mean_of(x)).standard_error
    )


def test_undefined_single_and_starved_estimates_have_no_interval():
    for estimate in (
        Estimate(math.nan, np.zeros(5)),
        Estimate(1.0, np.zeros(1)),
        Estimate(0.5, np.array([0.1, -0.1]), "logit", 1),
    ):
        found = interval(estimate)
        assert found.low is None and found.high is None and found.warning


def test_exact_answers_have_no_interval_of_loss():
    found = interval(Estimate(0.0, np.zeros(50), "log"))
    assert found.high is None and "exact" in found.warning
    assert interval(Estimate(1.0, np.zeros(50), "log1m")).low is None


def test_a_perfect_rate_is_bounded_by_the_number_of_samples():
    found = interval(Estimate(1.0, np.zeros(50), "logit", 10_000_000))
    assert found.high == 1.0
    found = interval(Estimate(1.0, np.zeros(50), "wilson", 50))
    assert (found.low, found.high) == pytest.approx(wilson(50, 50))
    low, high = ends(1.0, 0.0, "logit", 1.959963984540054, 50)
    assert (low, high) == pytest.approx(clopper_pearson(50, 50), abs=1e-9)
    low, high = ends(0.0, 0.0, "logit", 1.959963984540054, 50)
    assert (low, high) == pytest.approx(clopper_pearson(0, 50), abs=1e-9)
    assert ends(1.0, 0.0, "atanh", 1.96, 50)[1] == 1.0
    assert ends(-1.0, 0.0, "atanh", 1.96, 50)[0] == -1.0


@given(
    theta=st.floats(1e-9, 1 - 1e-9),
    se=st.floats(0, 10),
    q=st.floats(0.1, 50),
    scale=st.sampled_from(["plain", "log", "logit", "log1m", "wilson", "atanh"]),
)
@settings(max_examples=200, deadline=None)
def test_ends_enclose_the_value_and_stay_in_range(theta, se, q, scale):
    low, high = ends(theta, se, scale, q, 100)
    assert low <= theta + 1e-12 and theta - 1e-12 <= high
    assert math.isfinite(low) and math.isfinite(high)
    if scale in ("logit", "wilson"):
        assert low >= 0 and high <= 1
    if scale == "log":
        assert low >= 0
    if scale in ("log1m", "atanh"):
        assert high <= 1


def test_the_standard_error_on_the_scale_gives_the_same_ends():
    for scale in ("plain", "log", "logit", "log1m", "atanh"):
        middle, se = on_scale(0.7, 0.02, scale)
        low, high = ends(0.7, 0.02, scale, 2.0, 100)
        a, b = sorted((on_scale(low, 1, scale)[0], on_scale(high, 1, scale)[0]))
        assert (a, b) == pytest.approx((middle - 2 * abs(se), middle + 2 * abs(se)))


@pytest.mark.requirement("EVAL-15")
def test_a_paired_difference_is_the_interval_of_the_differences():
    rng = np.random.default_rng(5)
    a, b = rng.normal(1, 1, 80), rng.normal(0, 1, 80)
    found = interval(paired(mean_of(a, "log", 80), mean_of(b, "log", 60)))
    want = interval(mean_of(a - b, positives=60))
    assert (found.low, found.high) == pytest.approx((want.low, want.high))


def test_pairs_need_the_same_samples():
    with pytest.raises(ValueError, match="same samples"):
        paired(mean_of([1, 2]), mean_of([1, 2, 3]))
