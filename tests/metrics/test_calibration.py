"""Calibration is measured, agreement of two scores judged."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from heldout.metrics.agreement import agreement
from heldout.metrics.calibration import calibration, calibration_error
from heldout.metrics.score import Score
from metrics.cases import binary, regression, task_of


def drawn(n, slope=1.0, shift=0.0, seed=0):
    """Probabilities whose true logit is slope times theirs plus shift."""
    rng = np.random.default_rng(seed)
    z = rng.normal(-0.5, 1.5, n)
    y = (rng.random(n) < 1 / (1 + np.exp(-(slope * z + shift)))).astype(float)
    p = 1 / (1 + np.exp(-z))
    return task_of("binary"), y, np.stack([1 - p, p], axis=1)


@pytest.mark.requirement("EVAL-21", "X-047")
def test_a_sigmoid_is_not_calibrated_by_itself():
    good = calibration(*drawn(4000))
    assert good["slope_low"] < 1 < good["slope_high"]
    assert good["intercept_low"] < 0 < good["intercept_high"]
    assert good["calibration_error"] < 0.01
    sure = calibration(*drawn(4000, slope=0.5))
    assert sure["slope_high"] < 0.7 and sure["calibration_error"] > 0.05
    low = calibration(*drawn(4000, shift=0.7))
    assert low["intercept_low"] > 0.5
    assert low["share"] > low["mean_probability"] + 0.05


@pytest.mark.requirement("X-047")
def test_maximum_likelihood_gives_the_class_rate_and_weights_do_not():
    rng = np.random.default_rng(0)
    x = rng.normal(0, 1, (30, 2))
    y = np.repeat([1, 0], [13, 17])
    plain = LogisticRegression(C=np.inf, tol=1e-10).fit(x, y).predict_proba(x)
    assert plain[:, 1].mean() == pytest.approx(13 / 30, abs=1e-6)
    found = calibration(task_of("binary"), y.astype(float), plain)
    assert found["intercept"] == pytest.approx(0, abs=1e-4)
    assert found["slope"] == pytest.approx(1, abs=1e-3)
    balanced = LogisticRegression(C=np.inf, class_weight="balanced").fit(x, y)
    assert balanced.predict_proba(x)[:, 1].mean() > 13 / 30 + 0.03


def test_slope_and_intercept_are_those_of_a_logistic_regression():
    task, y, p = drawn(500, slope=0.7, shift=0.2)
    z = np.log(p[:, 1] / p[:, 0])[:, None]
    reference = LogisticRegression(C=np.inf, tol=1e-10).fit(z, y)
    assert calibration(task, y, p)["slope"] == pytest.approx(reference.coef_[0, 0], abs=1e-5)
    grouped = calibration(task, y, p, groups=np.arange(500) // 5)
    assert grouped["slope_low"] < grouped["slope"] < grouped["slope_high"]


def test_nothing_to_say():
    task, y, p = binary()
    assert calibration(task, np.ones(len(y)), p) == {}
    assert calibration(task, y, np.full_like(p, 0.5)) == {}
    assert calibration(*regression()) == {}
    apart = calibration(task, y, np.where(y[:, None] == [0, 1], 0.9, 0.1))
    assert "slope" not in apart or np.isfinite(apart["slope"])
    gappy = y.copy()
    gappy[:5] = np.nan
    assert calibration(task, gappy, p)["share"] == pytest.approx(y[5:].mean())


def test_the_error_of_calibrated_probabilities_is_not_biased_upwards():
    rng = np.random.default_rng(0)
    found = []
    for _ in range(200):
        p = rng.uniform(0.05, 0.95, 300)
        found.append(calibration_error(p, (rng.random(300) < p).astype(float)))
    assert np.median(found) < 0.01


def scored(value, se, metric="roc_auc"):
    return Score(metric, value, None, None, 100, se)


@pytest.mark.requirement("EVAL-14")
def test_a_sealed_score_that_is_worse_names_two_causes():
    worse = agreement(scored(0.70, 0.02), scored(0.80, 0.01))
    assert (
        worse.worse and "Two causes" in worse.words and worse.z == pytest.approx(-4.4721, abs=1e-3)
    )
    assert not agreement(scored(0.79, 0.02), scored(0.80, 0.01)).worse
    better = agreement(scored(0.9, 0.01), scored(0.80, 0.01))
    assert not better.worse and "better" in better.words
    assert agreement(scored(2.0, 0.1, "mae"), scored(1.0, 0.1, "mae")).worse
    assert agreement(scored(0.9, None), scored(0.8, 0.1)).z is None
    assert agreement(scored(0.9, 0.0), scored(0.8, 0.0)).z is None
    with pytest.raises(ValueError, match="cannot be compared"):
        agreement(scored(1, 1, "mae"), scored(1, 1))
