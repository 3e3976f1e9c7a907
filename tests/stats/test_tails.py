"""Heavy tails are recognized, light ones left alone."""

from dataclasses import replace

import numpy as np
import pytest

from heldout.metrics.scoring import score
from heldout.stats.intervals import interval
from heldout.stats.tails import heavy_tailed, hill, kurtosis
from metrics.cases import task_of


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


@pytest.mark.requirement("EVAL-16")
@pytest.mark.parametrize(
    ("metric", "errors", "truth", "least"),
    [
        ("rmse", "t3", np.sqrt(3.0), 0.92),
        ("rmse", "lognormal", np.sqrt((np.e - 1) * np.e), 0.92),
        ("rmse", "normal", 1.0, 0.94),
        ("mae", "lognormal", 1.26239, 0.92),
    ],
)
def test_the_bad_end_allows_for_an_error_that_was_not_drawn(metric, errors, truth, least):
    """RMSE held 75 to 80 % under heavy tails; the good end stays where it was."""
    task, rng = task_of("regression"), np.random.default_rng(1)
    held, draws, n = 0, 300, 300
    for _ in range(draws):
        e = {
            "t3": lambda: rng.standard_t(3, n),
            "lognormal": lambda: rng.lognormal(0, 1, n) - np.exp(0.5),
            "normal": lambda: rng.normal(0, 1, n),
        }[errors]()
        found = score(metric, task, np.zeros(n), e[:, None])
        held += found.low <= truth <= found.high
    assert held / draws >= least


def test_the_unseen_error_moves_one_end_only():
    rng = np.random.default_rng(0)
    y, e = rng.normal(0, 2, 200), rng.standard_t(4, 200)
    for metric, end in (
        ("rmse", "low"),
        ("mse", "low"),
        ("mae", "low"),
        ("wape", "low"),
        ("r2", "high"),
    ):
        found = score(metric, task_of("regression"), y, (y + e)[:, None])
        assert found.estimate is not None and found.estimate.worse is not None
        plain = interval(replace(found.estimate, worse=None))
        assert getattr(found, end) == getattr(plain, end)
        assert found.high - found.low > plain.high - plain.low
        groups = np.arange(200) // 10
        wide = score(metric, task_of("regression"), y, (y + e)[:, None], groups=groups)
        assert getattr(wide, end) == getattr(
            interval(replace(found.estimate, worse=None), groups=groups), end
        )
