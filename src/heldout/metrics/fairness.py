"""The same decisions, group by group: rates with intervals, and which differences are certain.

No single number says "fair". Where groups differ in how often the outcome is true, three wishes
cannot all be met by a model that errs: equal precision (and calibrated probabilities), equal
recall, and equal false alarms.

Sources: Chouldechova 2017; Kleinberg, Mullainathan and Raghavan 2017.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.metrics.calibration import calibration
from heldout.metrics.mistakes import rate
from heldout.metrics.question import Question
from heldout.metrics.scoring import decide, score
from heldout.stats.quantiles import normal_p

FEWEST, MOST = 30, 12  # rows of a group, groups of a column
ERROR_RATE = 0.05
MEASURES = {
    "base_rate": "truly positive",
    "flagged": "flagged",
    "recall": "found of the truly positive",
    "precision": "right when flagged",
    "false_positive_rate": "flagged of the truly negative",
}


def by_group(
    task: Question,
    y: Doubles,
    prediction: Doubles,
    labels: Sequence[str],
    *,
    metric: str,
    threshold: float | None = None,
    groups: Array | None = None,
) -> dict[str, Any]:
    """Every group of ``labels`` (samples,) with at least 30 samples, the largest first: samples,
    the metric, and for two classes the rates of ``MEASURES`` and the calibration; ``gaps``: the
    largest difference of each rate, ``certain`` where it stands after all pairs and rates were
    counted (Bonferroni); ``words`` say the certain ones. ``left_out``: samples of small groups."""
    names, codes = np.unique(np.asarray(labels, dtype=str), return_inverse=True)
    size = np.bincount(codes)
    kept = [k for k in np.argsort(-size, kind="stable") if size[k] >= FEWEST][:MOST]
    told = []
    for k in kept:
        here = codes == k
        unit = None if groups is None else groups[here]
        one = _one(task, y[here], prediction[here], metric, threshold, unit)
        told.append({"group": str(names[k]), "samples": int(size[k]), **one})
    gaps = _gaps(told) if task.kind == "binary" else []
    return {
        "groups": told,
        "gaps": gaps,
        "left_out": int(size.sum() - sum(size[k] for k in kept)),
        "words": [_words(gap) for gap in gaps if gap["certain"]],
    }


def _one(
    task: Question,
    y: Doubles,
    p: Doubles,
    metric: str,
    threshold: float | None,
    groups: Array | None,
) -> dict[str, Any]:
    found = score(metric, task, y, p, threshold=threshold, groups=groups)
    told: dict[str, Any] = {
        "score": {
            "value": found.value if math.isfinite(found.value) else None,
            "low": found.low,
            "high": found.high,
        }
    }
    if task.kind != "binary":
        if not task.is_classification:
            told["mean_error"] = float((p[:, 0] - y).mean())
        return told
    hit, decision = y == task.positive_code, decide(p, task, threshold)
    flagged = np.asarray(decision) == task.positive_code
    n, plus, out, right = len(y), int(hit.sum()), int(flagged.sum()), int((hit & flagged).sum())
    slope = calibration(task, y, p, groups=groups)
    return told | {
        "base_rate": rate(plus, n),
        "flagged": rate(out, n),
        "recall": rate(right, plus),
        "precision": rate(right, out),
        "false_positive_rate": rate(out - right, n - plus),
        "counts": {"base_rate": n, "flagged": n, "recall": plus, "precision": out,
                   "false_positive_rate": n - plus},
        "mean_probability": float(p[:, task.positive_code].mean()),
        "slope": {k: slope.get(f"slope{e}") for k, e in
                  (("value", ""), ("low", "_low"), ("high", "_high"))},
    }  # fmt: skip


def _gaps(told: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The largest difference of each rate between two groups."""
    asked = len(MEASURES) * max(1, len(told) * (len(told) - 1) // 2)
    gaps = []
    for measure in MEASURES:
        pairs = [
            (a, b)
            for a, b in combinations(told, 2)
            if a["counts"][measure] >= FEWEST and b["counts"][measure] >= FEWEST
        ]
        if not pairs:
            continue
        p, a, b = min(((_p(a, b, measure), a, b) for a, b in pairs), key=lambda t: t[0])
        if a[measure]["value"] > b[measure]["value"]:
            a, b = b, a
        gaps.append(
            {
                "measure": measure,
                "low_group": a["group"],
                "high_group": b["group"],
                "low": a[measure]["value"],
                "high": b[measure]["value"],
                "difference": b[measure]["value"] - a[measure]["value"],
                "p": min(1.0, p * asked),
                "certain": p * asked < ERROR_RATE,
            }
        )
    return gaps


def _p(a: Mapping[str, Any], b: Mapping[str, Any], measure: str) -> float:
    """Two rates: the pooled z-test."""
    n, m = a["counts"][measure], b["counts"][measure]
    x, z = a[measure]["value"], b[measure]["value"]
    pooled = (x * n + z * m) / (n + m)
    error = math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    return normal_p((x - z) / error) if error > 0 else 1.0


def _words(gap: Mapping[str, Any]) -> str:
    return (
        f"{MEASURES[gap['measure']].capitalize()}: {100 * gap['low']:.0f} % of "
        f"{gap['low_group']}, {100 * gap['high']:.0f} % of {gap['high_group']}"
    )
