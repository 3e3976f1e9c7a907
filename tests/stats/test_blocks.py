"""Where neighbors in time err alike, stretches of time are the units of an interval."""

import numpy as np
import pytest

from heldout.metrics.scoring import score
from heldout.stats.blocks import stretches
from metrics.cases import task_of


def test_equal_times_stay_together_and_stretches_are_of_equal_size():
    time = np.repeat(np.arange(300), 3)
    blocks = stretches(time)
    assert len(np.unique(blocks)) == 10
    assert len(np.unique(stretches(np.arange(30_000)))) == 20
    assert np.bincount(blocks).max() <= np.bincount(blocks).min() + 6
    for moment in range(0, 300, 37):
        assert len(set(blocks[time == moment])) == 1
    shuffled = np.random.default_rng(0).permutation(900)
    assert (stretches(time[shuffled]) == blocks[shuffled]).all()


def test_few_moments_and_uneven_ones():
    assert stretches(np.repeat(np.arange(9), 50)) is None
    uneven = np.r_[np.zeros(900, int), np.arange(1, 15)]
    assert len(np.unique(stretches(uneven))) >= 10


@pytest.mark.requirement("EVAL-16", "EVAL-09")
def test_rows_that_err_alike_over_time_need_stretches():
    """Errors with a memory: over rows 95 % becomes about 70 %."""
    task, rng, n = task_of("regression"), np.random.default_rng(0), 600
    by_row = by_time = 0
    truth = np.sqrt(2 / np.pi)
    for _ in range(200):
        noise = rng.normal(0, 1, n)
        e = np.empty(n)
        e[0] = noise[0]
        for i in range(1, n):
            e[i] = 0.9 * e[i - 1] + np.sqrt(1 - 0.81) * noise[i]
        row = score("mae", task, np.zeros(n), e[:, None])
        time = score("mae", task, np.zeros(n), e[:, None], groups=stretches(np.arange(n)))
        by_row += row.low <= truth <= row.high
        by_time += time.low <= truth <= time.high
    assert by_row / 200 < 0.8
    assert by_time / 200 >= 0.9
