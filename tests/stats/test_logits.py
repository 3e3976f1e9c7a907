"""Losses from logits against the golden values."""

import numpy as np
import pytest
from scipy import special

from heldout.stats.logits import (
    binary_cross_entropy,
    cross_entropy,
    ctc,
    hinge,
    log_sum_exp,
    sigmoid,
    softmax,
)
from heldout.stats.standard import entropy

LOGITS = np.array([[2.0, 1.0, 0.1]])


@pytest.mark.requirement("LOSS-02", "LOSS-03", "LOSS-04", "LOSS-05", "X-041")
def test_the_four_cross_entropies():
    assert softmax(LOGITS)[0] == pytest.approx([0.659001, 0.242433, 0.098566], abs=5e-7)
    assert cross_entropy(LOGITS, np.array([0])) == pytest.approx([0.417030], abs=5e-7)
    assert cross_entropy(LOGITS, np.array([[1, 0, 0]])) == pytest.approx([0.417030], abs=5e-7)
    soft = np.array([[0.7, 0.2, 0.1]])
    assert cross_entropy(LOGITS, soft) == pytest.approx([0.807030], abs=5e-7)
    assert entropy(soft[0]) == pytest.approx(0.801819, abs=5e-7)
    each = binary_cross_entropy(LOGITS, np.array([[1, 0, 1]]))
    assert each[0] == pytest.approx([0.126928, 1.313262, 0.644397], abs=5e-7)
    assert each.mean() == pytest.approx(0.694862, abs=5e-7)


@pytest.mark.requirement("LOSS-08", "X-044")
def test_large_logits_do_not_overflow():
    assert softmax(np.array([1000, 1001])) == pytest.approx([0.268941, 0.731059], abs=5e-7)
    assert softmax(np.array([1, 2, 3])) == pytest.approx([0.090031, 0.244728, 0.665241], abs=5e-7)
    assert cross_entropy(np.array([[0.0, 5000.0]]), np.array([0])) == pytest.approx([5000.0])
    assert binary_cross_entropy(np.array([-5000.0]), np.array([1])) == pytest.approx([5000.0])
    x = np.random.default_rng(0).normal(0, 50, (20, 6))
    assert log_sum_exp(x) == pytest.approx(special.logsumexp(x, axis=1))
    assert sigmoid(x) == pytest.approx(special.expit(x), abs=1e-15)


@pytest.mark.requirement("X-043")
def test_cross_entropy_of_a_wrong_belief():
    assert cross_entropy(np.log([[0.25, 0.75]]), np.array([[1, 0]])) == pytest.approx(
        [1.386294], abs=5e-7
    )


@pytest.mark.requirement("X-092")
def test_temperature_sharpens_and_flattens():
    logits = np.log([0.5, 0.3, 0.2])
    assert softmax(logits, 0.5) == pytest.approx([0.657895, 0.236842, 0.105263], abs=5e-7)
    assert softmax(logits, 2.0) == pytest.approx([0.415446, 0.321803, 0.262751], abs=5e-7)


@pytest.mark.requirement("LOSS-07", "X-042")
def test_ctc_sums_over_alignments():
    p = np.array([[0.6, 0.4], [0.6, 0.4]])
    assert ctc(p, np.array([1])) == pytest.approx(0.446287, abs=5e-7)
    assert np.exp(-ctc(p, np.array([], dtype=int))) == pytest.approx(0.36)
    # a repeated symbol needs a blank between: three steps are the least
    three = np.full((3, 2), 0.5)
    assert np.exp(-ctc(three, np.array([1, 1]))) == pytest.approx(0.125)
    assert ctc(p, np.array([1, 1])) == np.inf
    long = ctc(np.full((3000, 2), 0.5), np.ones(5, dtype=int))
    assert np.isfinite(long)


@pytest.mark.requirement("LOSS-09", "X-046")
def test_hinge():
    assert hinge(np.array([2, 0.5, -1])).tolist() == [0.0, 0.5, 2.0]


@pytest.mark.requirement("LOSS-10", "X-056")
def test_the_last_short_batch_weighs_less():
    """Batches of 4, 4 and 2 with mean losses 1, 1 and 4: the cost is 1.6, not 2.0."""
    losses = np.repeat([1.0, 1.0, 4.0], [4, 4, 2])
    assert losses.mean() == pytest.approx(1.6)
