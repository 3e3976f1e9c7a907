"""The operating point in the words of the business: the fraud example and the screens."""

import numpy as np
import pytest

from heldout.metrics.confusion import confusion, precision_at, rates
from heldout.metrics.scoring import operating_point
from metrics.cases import binary, task_of


@pytest.mark.requirement("DEPLOY-02", "X-012", "EVAL-18")
def test_the_fraud_example():
    """8,280 payments a day, 280 of them fraud: 266 caught, 14 missed, 200 valid ones flagged."""
    y = np.repeat([1.0, 1.0, 0.0, 0.0], [266, 14, 200, 7800])
    p = np.repeat([0.9, 0.1, 0.9, 0.1], [266, 14, 200, 7800])
    point = operating_point(task_of("binary"), y, np.stack([1 - p, p], 1), 0.5)
    assert (point["samples"], point["positives"], point["flagged"]) == (8280, 280, 466)
    assert (point["right"], point["missed"], point["alarms"]) == (266, 14, 200)
    assert point["false_negative_rate"] == 0.05
    assert point["false_positive_rate"] == 0.025
    assert 100 * point["prevalence"] == pytest.approx(3.381643, abs=5e-7)
    assert 100 * point["flagged_share"] == pytest.approx(5.628, abs=5e-4)
    assert 100 * point["precision"] == pytest.approx(57.081545, abs=5e-7)
    assert point["recall"] == 0.95 and point["specificity"] == 0.975
    assert 100 * point["accuracy"] == pytest.approx(97.415459, abs=5e-7)
    assert 100 * point["accuracy_of_commonest"] == pytest.approx(96.618357, abs=5e-7)
    assert 100 * point["balanced_accuracy"] == pytest.approx(96.25)
    assert point["f1"] == pytest.approx(0.713137, abs=5e-7)
    assert point["mcc"] == pytest.approx(0.725498, abs=5e-7)
    assert 100 * point["negative_predictive_value"] == pytest.approx(99.820834, abs=5e-7)
    assert point["flagged_per_catch"] == pytest.approx(1.751880, abs=5e-7)


@pytest.mark.requirement("X-011", "X-012")
def test_precision_falls_with_prevalence():
    assert precision_at(0.001, 0.9, 0.01) == pytest.approx(0.082645, abs=5e-7)
    assert 100 * precision_at(0.01, 0.95, 0.025) == pytest.approx(27.737, abs=5e-4)
    assert 100 * precision_at(0.001, 0.95, 0.025) == pytest.approx(3.664, abs=5e-4)
    assert precision_at(0.0, 0.9, 0.0) == 0.0


@pytest.mark.requirement("DEPLOY-02")
def test_of_every_1000_adds_up():
    """The counts of the example screen: 1,409 rows, 374 Yes, 301 flagged, 199 of them Yes."""
    y = np.repeat([1.0, 0.0, 1.0, 0.0], [199, 102, 175, 933])
    p = np.repeat([0.9, 0.9, 0.1, 0.1], [199, 102, 175, 933])
    point = operating_point(task_of("binary"), y, np.stack([1 - p, p], 1))
    each = point["per_1000"]
    assert (each["positives"], each["flagged"], each["right"]) == (265, 214, 141)
    assert (each["missed"], each["by_chance"]) == (124, 57)
    assert each["right"] + each["alarms"] + each["missed"] + each["passed"] == 1000
    assert round(point["by_chance"]) == 80
    assert [round(100 * point[k]) for k in ("precision_low", "precision_high")] == [61, 71]
    assert [round(100 * point[k]) for k in ("missed_share_low", "missed_share_high")] == [42, 52]


def test_costs_are_beside_those_of_doing_nothing():
    _task, y, p = binary(n=200)
    costly = task_of("binary", cost={"miss": 5.0, "alarm": 1.0})
    point = operating_point(costly, y, p)
    assert point["threshold"] == pytest.approx(1 / 6)
    assert point["cost"]["per_sample"] <= point["cost"]["flagging_none"]
    assert point["cost"]["flagging_all"] == pytest.approx((y == 0).mean())


def test_nothing_flagged_and_no_positives():
    empty = rates(0, 0, 0, 10)
    assert empty["precision"] is None and empty["recall"] is None and empty["mcc"] is None
    point = operating_point(task_of("binary"), np.zeros(10), np.tile([0.9, 0.1], (10, 1)))
    assert (
        point["flagged"] == 0 and point["precision_low"] == 0.0 and point["precision_high"] == 1.0
    )
    with pytest.raises(ValueError, match="two classes"):
        operating_point(task_of("multiclass"), np.zeros(3), np.full((3, 3), 1 / 3))


def test_confusion_counts():
    table = confusion(np.array([0, 1, 1, np.nan]), np.array([0, 0, 1, 1]), 2)
    assert table.tolist() == [[1, 0], [1, 1]]
