"""t-tests and McNemar's test against printed values and SciPy."""

import numpy as np
import pytest
from scipy import stats

from heldout.stats.tests import corrected_t, mcnemar, paired_t, unpaired_t

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
