"""Every metric has the value of scikit-learn's namesake, with and without weights."""

import numpy as np
import pytest
from sklearn import metrics as sk

from heldout.metrics.score import METRICS
from heldout.metrics.scoring import decide, score
from metrics.cases import MAKERS


def _auc(y, p, d, w):
    if p.shape[1] == 2:
        return sk.roc_auc_score(y, p[:, 1], sample_weight=w)
    return sk.roc_auc_score(y, p, sample_weight=w, multi_class="ovr")


def _brier(y, p, d, w):
    if p.shape[1] == 2:
        return sk.brier_score_loss(y, p[:, 1], sample_weight=w)
    return sk.brier_score_loss(y, p, sample_weight=w, scale_by_half=False)


NAMESAKES = {
    "roc_auc": _auc,
    "average_precision": lambda y, p, d, w: sk.average_precision_score(y, p[:, 1], sample_weight=w),
    "log_loss": lambda y, p, d, w: sk.log_loss(y, p, sample_weight=w),
    "brier": _brier,
    "accuracy": lambda y, p, d, w: sk.accuracy_score(y, d, sample_weight=w),
    "balanced_accuracy": lambda y, p, d, w: sk.balanced_accuracy_score(y, d, sample_weight=w),
    "precision": lambda y, p, d, w: sk.precision_score(y, d, sample_weight=w),
    "recall": lambda y, p, d, w: sk.recall_score(y, d, sample_weight=w),
    "f1": lambda y, p, d, w: sk.f1_score(y, d, sample_weight=w),
    "f1_macro": lambda y, p, d, w: sk.f1_score(y, d, sample_weight=w, average="macro"),
    "mcc": lambda y, p, d, w: sk.matthews_corrcoef(y, d, sample_weight=w),
    "mae": lambda y, p, d, w: sk.mean_absolute_error(y, p[:, 0], sample_weight=w),
    "mse": lambda y, p, d, w: sk.mean_squared_error(y, p[:, 0], sample_weight=w),
    "rmse": lambda y, p, d, w: sk.root_mean_squared_error(y, p[:, 0], sample_weight=w),
    "r2": lambda y, p, d, w: sk.r2_score(y, p[:, 0], sample_weight=w),
    "wape": lambda y, p, d, w: (
        np.average(np.abs(y - p[:, 0]), weights=w) / np.average(np.abs(y), weights=w)
    ),
}
CASES = [(c.name, form) for c in METRICS.all() for form in c.forms if form in MAKERS]


@pytest.mark.requirement("EVAL-20")
@pytest.mark.parametrize(("name", "form"), CASES)
@pytest.mark.parametrize("seed", [0, 1])
def test_the_value_is_scikit_learns(name, form, seed):
    task, y, p = MAKERS[form](seed=seed)
    d = decide(p, task)
    assert score(name, task, y, p).value == pytest.approx(NAMESAKES[name](y, p, d, None), abs=1e-12)
    w = np.random.default_rng(seed).uniform(0.2, 3, len(y))
    assert score(name, task, y, p, weights=w).value == pytest.approx(
        NAMESAKES[name](y, p, d, w), abs=1e-12
    )


def test_every_metric_has_a_namesake():
    assert set(NAMESAKES) == set(METRICS.names())


@pytest.mark.requirement("X-045", "LOSS-06")
def test_errors_are_means():
    task, _, _ = MAKERS["regression"]()
    y, p = np.array([3, -0.5, 2, 7]), np.array([[2.5], [0], [2], [8.0]])
    assert score("mse", task, y, p).value == 0.375
    assert score("mae", task, y, p).value == 0.5
    assert score("r2", task, y, p).value == pytest.approx(0.948608, abs=5e-7)
