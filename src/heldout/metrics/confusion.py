"""Counts of decisions against the truth, and the answer in the words of the business.

DEPLOY-02: rates, counts flagged, missed, caught and the work they make, never a bare accuracy.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from heldout.core.arrays import Array, Doubles, Ints
from heldout.metrics.question import Question
from heldout.metrics.scoring import decide, default_threshold
from heldout.stats.intervals import wilson


def confusion(y: Array, decision: Array, classes: int) -> Ints:
    """Counts (truth, decision) of shape (classes, classes); targets that are NaN are left out."""
    known = ~np.isnan(np.asarray(y, dtype=np.float64))
    pairs = y[known].astype(np.int64) * classes + np.asarray(decision)[known].astype(np.int64)
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def rates(tp: float, fp: float, fn: float, tn: float) -> dict[str, float | None]:
    """Every rate that the four counts determine; None where it has no meaning.

    >>> r = rates(tp=266, fp=200, fn=14, tn=7800)
    >>> round(r["precision"], 8), r["recall"], r["specificity"]
    (0.57081545, 0.95, 0.975)
    """
    n = tp + fp + fn + tn
    recall, specificity = _share(tp, tp + fn), _share(tn, tn + fp)
    product = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
    both = recall is not None and specificity is not None
    return {
        "prevalence": _share(tp + fn, n),
        "flagged_share": _share(tp + fp, n),
        "precision": _share(tp, tp + fp),
        "recall": recall,
        "specificity": specificity,
        "false_positive_rate": _share(fp, tn + fp),
        "false_negative_rate": _share(fn, tp + fn),
        "accuracy": _share(tp + tn, n),
        "accuracy_of_commonest": _share(max(tp + fn, fp + tn), n),
        "balanced_accuracy": ((recall or 0.0) + (specificity or 0.0)) / 2 if both else None,
        "f1": _share(2 * tp, 2 * tp + fp + fn),
        "mcc": (tp * tn - fp * fn) / math.sqrt(product) if product > 0 else None,
        "negative_predictive_value": _share(tn, tn + fn),
        "flagged_per_catch": _share(tp + fp, tp),
    }


def precision_at(prevalence: float, recall: float, false_positive_rate: float) -> float:
    """Precision where the positives are rarer or commoner, by Bayes' rule.

    >>> round(precision_at(0.001, 0.9, 0.01), 6)
    0.082645
    """
    right = prevalence * recall
    wrong = (1 - prevalence) * false_positive_rate
    return right / (right + wrong) if right + wrong > 0 else 0.0


def operating_point(
    task: Question, y: Doubles, prediction: Doubles, threshold: float | None = None
) -> dict[str, Any]:
    """What a binary model does in use at one threshold.

    Counts ``samples, positives, flagged, right, alarms, missed, passed``; rates of ``rates`` with
    Wilson intervals as ``precision_low`` and so on; ``by_chance``: positives among as many
    samples flagged blindly; ``per_1000``: whole numbers that add up; ``cost`` where costs are
    known (per sample, with that of flagging none and all).
    """
    at = default_threshold(task) if threshold is None else threshold
    decision = decide(prediction, task, at)
    if decision is None or task.kind != "binary":
        raise ValueError("an operating point is a matter of two classes")
    yes = task.positive_code
    table = confusion(y, decision, 2)
    tp, fn = int(table[yes, yes]), int(table[yes, 1 - yes])
    fp, tn = int(table[1 - yes, yes]), int(table[1 - yes, 1 - yes])
    n, positives, flagged = tp + fn + fp + tn, tp + fn, tp + fp
    point: dict[str, Any] = {
        "threshold": at,
        "positive": task.positive,
        "samples": n,
        "positives": positives,
        "flagged": flagged,
        "right": tp,
        "alarms": fp,
        "missed": fn,
        "passed": tn,
        "by_chance": flagged * positives / n if n else 0.0,
        **rates(tp, fp, fn, tn),
    }
    for name, k, of in (
        ("precision", tp, flagged),
        ("recall", tp, positives),
        ("missed_share", fn, positives),
        ("flagged_share", flagged, n),
        ("specificity", tn, tn + fp),
    ):
        point.setdefault(name, _share(k, of))
        low, high = wilson(k, of)
        point[f"{name}_low"], point[f"{name}_high"] = low, high
    point["per_1000"] = _per_1000(n, positives, flagged, tp)
    if task.cost:
        miss, alarm = task.cost.get("miss", 0.0), task.cost.get("alarm", 0.0)
        point["cost"] = {
            "per_sample": (fn * miss + fp * alarm) / n,
            "flagging_none": positives * miss / n,
            "flagging_all": (n - positives) * alarm / n,
        }
    return point


def _per_1000(n: int, positives: int, flagged: int, right: int) -> dict[str, int]:
    """Of every 1,000: rounded so that the parts add up to 1,000."""
    if n == 0:
        return {}
    scale = 1000 / n
    in_all, out = round(positives * scale), round(flagged * scale)
    caught = min(round(right * scale), in_all, out)
    return {
        "positives": in_all,
        "flagged": out,
        "right": caught,
        "alarms": out - caught,
        "missed": in_all - caught,
        "passed": 1000 - out - (in_all - caught),
        "by_chance": round(flagged * positives / n * scale),
    }


def _share(k: float, n: float) -> float | None:
    return k / n if n > 0 else None
