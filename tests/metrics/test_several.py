"""Scores of several targets against scikit-learn's averages."""

import numpy as np
import pytest
from sklearn import metrics as sk

from heldout.metrics.scoring import compare, metric_for, score
from heldout.metrics.several import mean_of
from heldout.search.values import Judge
from heldout.stats.estimate import Estimate
from heldout.tasks.task import Task

K, N = 4, 600
PARTS = tuple(Task("binary", f"l{j}", "roc_auc", True, ("no", "yes"), "yes") for j in range(K))
LABELS = Task("multilabel", "labels", "roc_auc", True, parts=PARTS)
SCALES = (1_000.0, 0.01, 3.0)
NUMBERS = Task(
    "vector_regression", "numbers", "mae", False,
    parts=tuple(Task("regression", f"v{j}", "mae", False, scale=s) for j, s in enumerate(SCALES)),
)  # fmt: skip


@pytest.fixture(scope="module")
def labels():
    rng = np.random.default_rng(0)
    y = (rng.random((N, K)) < np.array([0.5, 0.3, 0.2, 0.1])).astype(float)
    p = 1 / (1 + np.exp(-(2 * y - 1 + rng.normal(size=(N, K)))))
    return y, p


@pytest.fixture(scope="module")
def numbers():
    rng = np.random.default_rng(1)
    y = rng.normal(size=(N, 3)) * SCALES
    return y, y + 0.5 * rng.normal(size=(N, 3)) * SCALES


GOLDEN = {
    "roc_auc": lambda y, p: sk.roc_auc_score(y, p, average="macro"),
    "average_precision": lambda y, p: sk.average_precision_score(y, p, average="macro"),
    "log_loss": lambda y, p: np.mean([sk.log_loss(y[:, j], p[:, j]) for j in range(K)]),
    "brier": lambda y, p: np.mean([sk.brier_score_loss(y[:, j], p[:, j]) for j in range(K)]),
    "f1": lambda y, p: sk.f1_score(y, p >= 0.5, average="macro"),
    "precision": lambda y, p: sk.precision_score(y, p >= 0.5, average="macro"),
    "recall": lambda y, p: sk.recall_score(y, p >= 0.5, average="macro"),
    "accuracy": lambda y, p: np.mean((p >= 0.5) == y),
    "balanced_accuracy": lambda y, p: np.mean(
        [sk.balanced_accuracy_score(y[:, j], p[:, j] >= 0.5) for j in range(K)]
    ),
}


@pytest.mark.requirement("TASK-10", "EVAL-20", "LOSS-05")
@pytest.mark.parametrize("name", LABELS.card.metrics)
def test_labels_are_averaged_as_scikit_learn_does(labels, name):
    y, p = labels
    brier = GOLDEN[name](y, p)
    value = score(name, LABELS, y, p).value
    half = score("brier", PARTS[0], y[:, 0], np.stack([1 - p[:, 0], p[:, 0]], 1)).value
    if name == "brier":  # ours counts both classes
        brier *= half / sk.brier_score_loss(y[:, 0], p[:, 0])
    assert value == pytest.approx(brier, abs=1e-12)


@pytest.mark.requirement("TASK-10", "EVAL-20", "X-045")
def test_numbers_are_averaged_in_their_standard_deviations(numbers):
    y, p = numbers
    expected = sk.mean_absolute_error(y, p, multioutput=1 / np.array(SCALES)) * (
        (1 / np.array(SCALES)).sum() / 3
    )
    assert score("mae", NUMBERS, y, p).value == pytest.approx(expected, abs=1e-12)
    assert score("r2", NUMBERS, y, p).value == pytest.approx(sk.r2_score(y, p), abs=1e-12)
    root = np.mean([sk.root_mean_squared_error(y[:, j], p[:, j]) / SCALES[j] for j in range(3)])
    assert score("rmse", NUMBERS, y, p).value == pytest.approx(root, abs=1e-12)
    assert not metric_for("mae", NUMBERS).unit_of_target


@pytest.mark.requirement("EVAL-16")
def test_the_interval_is_that_of_a_bootstrap_of_rows(labels, numbers):
    """Targets of one row are drawn together: their errors may go together."""
    rng = np.random.default_rng(2)
    for task, (y, p) in ((LABELS, labels), (NUMBERS, numbers)):
        both = np.concatenate([y, y[:, :1]], axis=1), np.concatenate([p, p[:, :1]], axis=1)
        for truth, said, asked in ((y, p, task), (*both, _with_first_again(task))):
            found = score(asked.metric, asked, truth, said)
            drawn = [
                score(asked.metric, asked, truth[i], said[i]).value
                for i in (rng.integers(0, N, N) for _ in range(300))
            ]
            assert found.standard_error == pytest.approx(np.std(drawn), rel=0.15)
            assert found.low < found.value < found.high


def _with_first_again(task):
    import dataclasses

    return dataclasses.replace(task, parts=(*task.parts, task.parts[0]))


@pytest.mark.requirement("EVAL-02", "EVAL-24")
def test_a_paired_gain_of_the_mean(labels):
    y, p = labels
    noise = np.random.default_rng(4).random(p.shape)
    gain = compare("roc_auc", LABELS, y, p, 0.5 * p + 0.5 * noise)
    a, b = (score("roc_auc", LABELS, y, q).value for q in (p, 0.5 * p + 0.5 * noise))
    assert gain.value == pytest.approx(a - b, abs=1e-12) and gain.low > 0


@pytest.mark.parametrize("name", ["roc_auc", "log_loss", "average_precision"])
def test_the_quick_judge_says_the_same(labels, name):
    y, p = labels
    sign = 1 if metric_for(name, LABELS).greater_is_better else -1
    found = Judge(LABELS, name, y).values(np.stack([p, 1 - p]))
    assert found[0] == pytest.approx(sign * score(name, LABELS, y, p).value, abs=1e-12)


@pytest.mark.parametrize("name", ["mae", "mse", "r2"])
def test_the_quick_judge_says_the_same_of_numbers(numbers, name):
    y, p = numbers
    sign = 1 if metric_for(name, NUMBERS).greater_is_better else -1
    found = Judge(NUMBERS, name, y).values(p[None])
    assert found[0] == pytest.approx(sign * score(name, NUMBERS, y, p).value, abs=1e-12)


def test_each_label_by_its_own_threshold(labels):
    y, p = labels
    at = (0.3, 0.5, 0.6, 0.2)
    expected = sk.recall_score(y, p >= np.array(at), average="macro")
    assert score("recall", LABELS, y, p, threshold=at).value == pytest.approx(expected, abs=1e-12)


@pytest.mark.requirement("EVAL-20")
def test_a_rare_label_is_named_and_withholds():
    rng = np.random.default_rng(5)
    y = np.zeros((300, 2))
    y[:150, 0], y[:8, 1] = 1, 1
    p = np.clip(0.5 * y + 0.5 * rng.random((300, 2)), 0, 1)
    two = Task("multilabel", "a, b", "roc_auc", True, parts=PARTS[:2])
    found = score("roc_auc", two, y, p)
    assert "only 8 samples of l1 = yes" in found.warning
    flagged = score("f1", two, y, p)
    assert flagged.low is None and "l1:" in flagged.warning


def test_a_mean_without_one_of_its_values_is_none():
    psi = np.zeros(3)
    assert np.isnan(mean_of([Estimate(1.0, psi), Estimate(float("nan"), psi)]).value)
