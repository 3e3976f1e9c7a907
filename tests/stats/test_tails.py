"""Heavy tails are recognized, light ones left alone."""

import numpy as np
import pytest

from heldout.stats.tails import heavy_tailed, hill, kurtosis


@pytest.mark.requirement("EVAL-16")
def test_heavy_tails():
    rng = np.random.default_rng(0)
    assert hill(rng.pareto(2.0, 20000) + 1) == pytest.approx(2.0, rel=0.1)
    assert not heavy_tailed(rng.normal(0, 1, 2000))
    assert not heavy_tailed(rng.uniform(-1, 1, 2000))
    assert heavy_tailed(rng.standard_t(3, 2000))
    assert heavy_tailed(rng.lognormal(0, 1.5, 2000))
    assert not heavy_tailed(rng.standard_t(4, 2000), order=2.0)
    assert heavy_tailed(rng.standard_cauchy(2000), order=2.0)


def test_edges_of_tails():
    assert hill(np.zeros(1000)) == np.inf
    assert hill(np.arange(5.0)) == np.inf
    assert hill(np.ones(1000)) == np.inf
    assert kurtosis(np.ones(5)) == 0.0
    assert kurtosis(np.array([1.0, -1.0])) == 1.0
