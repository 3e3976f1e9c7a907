"""Scores, comparisons, decisions, gates."""

import numpy as np
import pytest

from heldout.core.errors import HeldoutError
from heldout.metrics.scoring import compare, decide, default_threshold, make_truth, score
from heldout.metrics.words import told
from heldout.stats.intervals import interval
from metrics.cases import MAKERS, binary, regression, task_of


def test_two_classes_are_decided_from_the_threshold_on():
    task = task_of("binary")
    p = np.array([[0.5, 0.5], [0.51, 0.49], [0.2, 0.8]])
    assert decide(p, task).tolist() == [1, 0, 1]
    assert decide(p, task, 0.8).tolist() == [0, 0, 1]
    assert decide(p[:, :1], task_of("regression")) is None


def test_several_classes_ties_go_to_the_lowest():
    p = np.array([[0.4, 0.4, 0.2], [0.1, 0.2, 0.7]])
    assert decide(p, task_of("multiclass")).tolist() == [0, 2]


@pytest.mark.requirement("X-012", "EVAL-18")
def test_costs_set_the_threshold():
    assert default_threshold(task_of("binary", cost={"miss": 9, "alarm": 1})) == pytest.approx(0.1)
    assert default_threshold(task_of("binary", cost={"miss": 9}, threshold=0.3)) == 0.3
    assert default_threshold(task_of("binary")) == 0.5


def test_a_metric_that_does_not_fit():
    task, y, p = binary()
    with pytest.raises(HeldoutError, match="does not fit a binary task") as caught:
        score("mae", task, y, p)
    assert caught.value.code == "H105" and "roc_auc" in caught.value.do[0]
    with pytest.raises(HeldoutError) as caught:
        score("roc_acu", task, y, p)
    assert caught.value.code == "H103" and "roc_auc" in caught.value.text()


@pytest.mark.requirement("EVAL-16")
def test_a_score_never_stands_alone():
    task, y, p = binary(n=400)
    found = score("roc_auc", task, y, p)
    assert found.low < found.value < found.high
    assert found.samples == 400 and found.level == 0.95 and found.warning == ""
    assert set(found.as_dict()) >= {"value", "low", "high", "samples"}


def test_samples_without_a_target_are_left_out():
    task, y, p = binary(n=200)
    gappy = y.copy()
    gappy[::4] = np.nan
    keep = ~np.isnan(gappy)
    found = score("log_loss", task, gappy, p, groups=np.arange(200) // 2, weights=np.ones(200))
    want = score("log_loss", task, y[keep], p[keep], groups=(np.arange(200) // 2)[keep])
    assert found.as_dict() == pytest.approx(want.as_dict())
    with pytest.raises(ValueError, match="nothing to score"):
        score("log_loss", task, np.full(200, np.nan), p)
    with pytest.raises(ValueError, match="predictions"):
        score("log_loss", task, y, p[:3])


@pytest.mark.requirement("EVAL-15")
@pytest.mark.parametrize("form", list(MAKERS))
def test_the_gain_of_the_better_is_positive_and_paired(form):
    task, y, p = MAKERS[form](n=600, seed=1)
    rng = np.random.default_rng(0)
    if form == "regression":
        worse, name = p + rng.normal(0, 1, p.shape), "mae"
    else:
        worse, name = 0.5 * p + 0.5 * rng.permutation(p), "log_loss"
    gain = compare(name, task, y, p, worse)
    assert gain.low > 0
    assert gain.value == pytest.approx(
        score(name, task, y, worse).value - score(name, task, y, p).value
    )
    back = compare(name, task, y, worse, p)
    assert (back.low, back.high) == pytest.approx((-gain.high, -gain.low))
    same = compare(name, task, y, p, p)
    assert same.value == 0 and same.low == same.high == 0


def test_the_factor_and_the_groups_reach_the_interval():
    task, y, p = binary(n=300)
    groups = np.arange(300) // 3
    for more in ({"factor": 1.2}, {"groups": groups}):
        found = score("roc_auc", task, y, p, **more)
        want = interval(found.estimate, **more)
        assert (found.low, found.high) == (want.low, want.high)


@pytest.mark.requirement("EVAL-24")
def test_few_of_the_rare_class_are_named():
    task, y, p = binary(n=400, rate=0.03)
    found = score("roc_auc", task, y, p)
    assert found.low is not None
    assert f"only {int(y.sum())} samples of Yes" in found.warning
    task, y, p = regression(n=25)
    assert "only 25 samples" in score("mae", task, y, p).warning


def test_f1_is_gated_on_20_flagged_and_20_actual():
    task, y, p = binary(n=400)
    assert score("f1", task, y, p, threshold=0.5).low is not None
    starved = score("f1", task, y, p, threshold=0.99)
    assert starved.low is None and starved.high is None and "flagged" in starved.warning
    assert score("precision", task, y, np.tile([0.9, 0.1], (400, 1))).low is None
    assert score("recall", task, np.zeros(400), p).low is None
    macro = score("f1_macro", task, y, p, threshold=0.99)
    assert macro.low is None and "fewer than 20" in macro.warning


def test_one_class_has_no_ranking():
    task, y, p = binary()
    found = score("roc_auc", task, np.ones(len(y)), p)
    assert np.isnan(found.value) and found.low is None
    assert found.as_dict()["value"] is None
    assert "one class" in found.warning


def test_heavy_tails_are_said():
    rng = np.random.default_rng(0)
    task, n = task_of("regression"), 2000
    y = rng.standard_t(2.5, n) * 10
    p = np.zeros((n, 1))
    for name in ("rmse", "mse", "r2"):
        assert "very large errors" in score(name, task, y, p).warning
    calm = rng.normal(0, 1, n)
    for name in ("rmse", "mae", "r2"):
        assert score(name, task, calm, p).warning == ""
    flat = score("r2", task, np.ones(n), p)
    assert flat.low is None and "constant" in flat.warning
    assert score("wape", task, np.zeros(n), p).low is None


def test_probabilities_of_0_and_1_cost_much_but_not_everything():
    task = task_of("binary")
    y = np.array([0.0, 1.0] * 20)
    p = np.tile([[1.0, 0.0]], (40, 1))
    assert score("log_loss", task, y, p).value == pytest.approx(-np.log(1e-15) / 2)
    tiny = np.tile([[1 - 1e-12, 1e-12]], (40, 1))
    assert score("log_loss", task, np.zeros(40), tiny).value == pytest.approx(1e-12, rel=1e-3)


def test_the_words_of_the_screen():
    task, y, p = binary()
    assert told("roc_auc", task).startswith("ROC AUC: take one Yes row and one No row")
    assert "how far off" in told("mae", task_of("regression"))
    assert make_truth(task, y, p).positive == 1


@pytest.mark.requirement("X-004", "EVAL-05")
def test_the_mean_over_folds_is_not_the_pooled_score():
    """Hits 4 of 4, 0 of 3 and 3 of 3: two thirds on average over folds, 0.7 over rows."""
    task = task_of("binary")
    y = np.ones(10)
    p = np.repeat([1.0, 0.0, 1.0], [4, 3, 3])
    prediction = np.stack([1 - p, p], axis=1)
    folds = [slice(0, 4), slice(4, 7), slice(7, 10)]
    each = [score("accuracy", task, y[f], prediction[f]).value for f in folds]
    assert np.mean(each) == pytest.approx(0.666667, abs=5e-7)
    assert score("accuracy", task, y, prediction).value == pytest.approx(0.7)


@pytest.mark.requirement("X-048")
def test_deviance_is_an_old_word():
    task, y, p = binary()
    with pytest.raises(HeldoutError) as caught:
        score("deviance", task, y, p)
    assert caught.value.code == "H103" and "log_loss" in caught.value.seen


@pytest.mark.requirement("EVAL-22", "EVAL-02")
def test_a_random_walk_is_not_beaten():
    task = task_of("forecast")
    walk = np.cumsum(np.random.default_rng(0).normal(0, 1, 500))
    y, last = walk[5:], walk[4:-1, None]
    smooth = np.convolve(walk, np.full(5, 0.2), "valid")[:-1, None]
    assert not compare("mae", task, y, smooth, last).low > 0


@pytest.mark.requirement("EVAL-24", "EVAL-02")
def test_a_million_samples_are_quick():
    import time

    task, y, p = binary(n=1_000_000, digits=6)
    start = time.perf_counter()
    found = score("roc_auc", task, y, p)
    assert found.high - found.low < 0.005
    assert time.perf_counter() - start < 5
