"""Intervals hold the truth about as often as they say (the whole table: bench/coverage.py)."""

import numpy as np
import pytest

from heldout.metrics.scoring import compare, score
from heldout.tasks.null import predict
from metrics.cases import task_of

DRAWS = 300  # the binomial error of a coverage of 95 % is 1.3 points


def rare(rng, n, prevalence):
    y = (rng.random(n) < prevalence).astype(float)
    z = rng.normal(0, 1, n) + 1.19 * y + np.log(prevalence / (1 - prevalence))
    p = 1 / (1 + np.exp(-z))
    return y, np.stack([1 - p, p], axis=1)


@pytest.mark.requirement("EVAL-16")
@pytest.mark.parametrize(
    ("metric", "n", "prevalence", "least"),
    [
        ("roc_auc", 100, 0.5, 0.92),
        ("roc_auc", 300, 0.09, 0.91),
        ("average_precision", 300, 0.5, 0.91),
        ("log_loss", 300, 0.09, 0.91),
        ("balanced_accuracy", 300, 0.3, 0.91),
        ("f1", 400, 0.3, 0.91),
        ("mcc", 300, 0.3, 0.91),
        ("accuracy", 100, 0.1, 0.90),
    ],
)
def test_class_metrics_hold_the_truth(metric, n, prevalence, least):
    task, rng = task_of("binary"), np.random.default_rng(0)
    truth = score(metric, task, *rare(rng, 1_000_000, prevalence), threshold=prevalence).value
    held = 0
    for _ in range(DRAWS):
        found = score(metric, task, *rare(rng, n, prevalence), threshold=prevalence)
        assert found.low is not None and found.high is not None
        held += found.low <= truth <= found.high
    assert held / DRAWS >= least


@pytest.mark.requirement("EVAL-16")
@pytest.mark.parametrize("metric", ["mae", "rmse", "r2"])
def test_light_tailed_errors_hold_the_truth(metric):
    task, rng = task_of("regression"), np.random.default_rng(0)
    truth = {"mae": np.sqrt(2 / np.pi), "rmse": 1.0, "r2": 0.8}[metric]
    held = 0
    for _ in range(DRAWS):
        signal = rng.normal(0, 2, 200)
        found = score(metric, task, signal + rng.normal(0, 1, 200), signal[:, None])
        held += found.low <= truth <= found.high
    assert held / DRAWS >= 0.91


@pytest.mark.requirement("EVAL-16", "EVAL-10")
def test_groups_need_their_own_interval():
    """20 groups of 30 alike samples: intervals over rows hold the truth in two thirds only."""
    task, rng = task_of("binary"), np.random.default_rng(0)
    groups = np.repeat(np.arange(20), 30)
    by_row = by_group = 0
    for _ in range(DRAWS):
        hard = np.sqrt(0.2) * rng.normal(0, 1, 20)[groups] + np.sqrt(0.8) * rng.normal(0, 1, 600)
        y = (rng.random(600) < 0.5).astype(float)
        p = np.where((hard < 0.8416) == (y == 1), 0.9, 0.1)
        prediction = np.stack([1 - p, p], axis=1)
        row = score("accuracy", task, y, prediction)
        group = score("accuracy", task, y, prediction, groups=groups)
        by_row += row.low <= 0.8 <= row.high
        by_group += group.low <= 0.8 <= group.high
    assert by_row / DRAWS < 0.8
    assert by_group / DRAWS >= 0.90


@pytest.mark.requirement("EVAL-02")
def test_noise_seldom_passes_the_gate():
    """Scores without any relation to the target seem better than chance in about 2.5 %."""
    task, rng = task_of("binary"), np.random.default_rng(0)
    passed = 0
    for _ in range(DRAWS):
        y, p = rare(rng, 200, 0.3)
        gain = compare("roc_auc", task, y, rng.permutation(p), predict("prior", task, y, 200))
        passed += gain.low > 0
    assert passed / DRAWS <= 0.05
