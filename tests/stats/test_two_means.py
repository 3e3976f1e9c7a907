"""t-tests and McNemar's test against printed values and SciPy."""

import numpy as np
import pytest
from scipy import stats

from heldout.stats.tests import corrected_interval, corrected_t, holm, mcnemar, paired_t, unpaired_t

A = np.array([0.81, 0.79, 0.84, 0.80, 0.82, 0.78, 0.83, 0.80, 0.81, 0.82])
B = np.array([0.80, 0.78, 0.82, 0.80, 0.80, 0.78, 0.82, 0.79, 0.80, 0.80])


@pytest.mark.requirement("EVAL-15", "X-008")
def test_three_ways_to_compare_ten_folds():
    assert paired_t(A, B) == pytest.approx((4.714286, 0.001098), abs=5e-7)
    assert unpaired_t(A, B) == pytest.approx((1.523798, 0.144936), abs=5e-7)
    assert corrected_t(A, B, 1 / 10) == pytest.approx((3.244594, 0.010084), abs=5e-7)


def test_they_are_scipys():
    ours, theirs = paired_t(A, B), stats.ttest_rel(A, B)
    assert ours == pytest.approx((theirs.statistic, theirs.pvalue))
    ours, theirs = unpaired_t(A, B[:7]), stats.ttest_ind(A, B[:7])
    assert ours == pytest.approx((theirs.statistic, theirs.pvalue))


def test_constant_differences():
    assert paired_t(A, A) == (0.0, 1.0)
    assert paired_t(np.array([1.0, 2.0]), np.array([0.0, 1.0])) == (np.inf, 0.0)
    assert unpaired_t(np.ones(3), np.ones(4)) == (0.0, 1.0)
    with pytest.raises(ValueError, match="two differences"):
        paired_t(np.array([1.0]), np.array([2.0]))


def test_mcnemar_is_the_binomial_mid_p():
    a = np.repeat([1, 1, 0, 0], [50, 12, 4, 9])
    b = np.repeat([1, 0, 1, 0], [50, 12, 4, 9])
    only_a, only_b, p = mcnemar(a, b)
    assert (only_a, only_b) == (12, 4)
    want = 2 * stats.binom.cdf(4, 16, 0.5) - stats.binom.pmf(4, 16, 0.5)
    assert p == pytest.approx(want)
    assert mcnemar(a, a)[2] == 1.0


@pytest.mark.requirement("EVAL-15")
def test_questions_asked_at_once_pay_for_each_other() -> None:
    """Holm's steps; never below the single p, never above 1, in the order that was given."""
    assert holm(np.array([0.01, 0.04, 0.03, 0.005])).round(12).tolist() == [0.03, 0.06, 0.06, 0.02]
    assert holm(np.array([0.9, 0.8])).tolist() == [1.0, 1.0]
    assert holm(np.zeros(0)).tolist() == []


@pytest.mark.requirement("EVAL-15", "X-008")
def test_the_corrected_interval_and_the_corrected_test_say_the_same() -> None:
    difference = np.array(A) - np.array(B)
    mean, low, _ = corrected_interval(difference, 1 / 10)
    assert mean == pytest.approx(0.011)
    assert low > 0  # p is 0.010
    assert not corrected_interval(difference, 1 / 10, 0.995)[1] > 0
    assert corrected_interval(difference[:1], 0.1)[1:] == (-np.inf, np.inf)
