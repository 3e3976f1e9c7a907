"""Journal entries about decisions, by the shapes of docs/design.md, for the records beside."""

from __future__ import annotations

import math
from typing import Any

Steps = dict[str, dict[str, Any]]


def point(threshold: float, flagged: int, right: int, why: str) -> dict[str, Any]:
    """An operating point out of fold."""
    share = right / flagged
    return {
        "threshold": threshold, "samples": 5634, "positives": 1495, "flagged": flagged,
        "right": right, "missed": 1495 - right, "precision": share, "precision_low": share - 0.03,
        "precision_high": share + 0.03, "why": why, "cost": {"per_sample": 0.4},
    }  # fmt: skip


def curves() -> dict[str, Any]:
    """ROC, precision and recall, gain, lift, money."""
    grid = [i / 40 for i in range(41)]
    up = [(x, x**0.3, 1 - x) for x in grid]
    return {
        "samples": 5634, "positives": 1495, "positive": "Yes", "threshold": 0.17,
        "roc": {"points": [list(p) for p in up], "at": [0.39, 0.89], "chance": 0.5},
        "pr": {"points": [[x, 0.95 - 0.68 * x**1.5, 1 - x] for x in grid], "at": [0.89, 0.45], "chance": 0.265},
        "gain": {"points": [[x, x**0.45, 1 - x] for x in grid], "at": [0.52, 0.89], "chance": 1.0},
        "lift": {"points": [[x, x**-0.55, 1 - x] for x in grid[1:]], "at": [0.52, 1.71], "chance": 1.0},
        "money": {
            "points": [[x, 380 + 1500 * (x - 0.17) ** 2 + 40 * x] for x in grid], "at": [0.17, 387],
            "best": [0.16, 386], "none": 1324, "all": 735, "miss": 5, "alarm": 1,
        },
        "choices": [
            point(0.1, 3400, 1420, "to find 95 %"), point(0.5, 1250, 820, "the usual default"),
            point(0.7, 420, 330, "to be right 3 times in 4"),
        ],
    }  # fmt: skip


def partial() -> dict[str, Any]:
    """A number with a gap, a category."""
    steps = [0, 6, 12, 24, 36, 48, 60, 72]
    numbers = [
        {"value": v, "label": str(v), "mean": 0.5 * math.exp(-v / 30) + 0.1, "low": 0.05 + 0.2 * math.exp(-v / 30),
         "high": 0.2 + 0.6 * math.exp(-v / 30), "n": 700}
        for v in steps
    ]  # fmt: skip
    numbers.append(
        {"value": None, "label": "missing", "mean": 0.31, "low": 0.1, "high": 0.6, "n": 20}
    )
    levels = [
        {"value": k, "label": k, "mean": m, "low": m / 2, "high": m + 0.2, "n": 900}
        for k, m in (("Month-to-month", 0.38), ("One year", 0.16), ("Two year", 0.07))
    ]
    return {
        "output": "Yes", "samples": 1000,
        "columns": [
            {"column": "tenure", "kind": "number", "points": numbers},
            {"column": "Contract", "kind": "category", "points": levels},
        ],
    }  # fmt: skip


def slices() -> dict[str, Any]:
    """Two groups that are worse."""
    example = {
        "row": 17, "truth": "Yes", "prediction": "No", "probability": 0.08,
        "values": {"tenure": "61", "Contract": "Two year"},
    }  # fmt: skip
    return {
        "metric": "log_loss", "score": {"value": 0.41, "low": 0.4, "high": 0.42}, "samples": 5634,
        "looked_at": 214, "level": 0.05,
        "found": [
            {"words": "InternetService is Fiber optic", "where": [], "samples": 2480, "share": 0.44,
             "score": {"value": 0.55, "low": 0.53, "high": 0.58}, "rest": {"value": 0.3, "low": 0.28, "high": 0.31},
             "ratio": 1.8, "effect": 0.4, "p": 1e-9, "rows": [], "examples": [example]},
            {"words": "tenure at most 3 and SeniorCitizen is 1", "where": [], "samples": 190, "share": 0.034,
             "score": {"value": 0.62, "low": 0.55, "high": 0.7}, "rest": {"value": 0.4, "low": 0.39, "high": 0.42},
             "ratio": 1.5, "effect": 0.5, "p": 1e-6, "rows": [], "examples": []},
        ],
    }  # fmt: skip


def group(name: str, n: int, share: float) -> dict[str, Any]:
    """One side of a fairness table."""
    rate = {"value": share, "low": share - 0.03, "high": share + 0.03}
    return {"group": name, "samples": n, "base_rate": rate, "flagged": rate, "recall": rate,
            "precision": rate, "false_positive_rate": rate}  # fmt: skip


def everything(steps: Steps) -> Steps:
    """A binary record with all that may be written about decisions."""
    steps["curves"] = curves()
    steps["partial_dependence"] = partial()
    steps["slices"] = slices()
    steps["fairness"] = {
        "columns": [
            {"column": "gender", "groups": [group("Female", 2790, 0.27), group("Male", 2844, 0.26)],
             "gaps": [], "words": "No gap between the groups is beyond noise."}
        ],
        "words": "Where groups differ in how often they leave, not all of these can be equal at once.",
    }  # fmt: skip
    steps["conformal"] = {
        "level": 0.9, "method": "split", "size": 1.21, "single": 0.79,
        "coverage": {"value": 0.903, "low": 0.887, "high": 0.918, "samples": 1409, "sealed": True},
    }  # fmt: skip
    steps["reliability"] |= {
        "calibration": {"slope": 1.04, "slope_low": 0.97, "slope_high": 1.11},
        "brier": {"value": 0.132, "low": 0.123, "high": 0.142, "baseline": 0.195},
    }
    steps["causes"] = {"validation": 0.846, "sealed": 0.801, "gap": 0.045, "likelier": "choosing",
                       "words": "The sealed score is worse than validation beyond both intervals."}  # fmt: skip
    steps["audit"]["findings"].append(
        {"code": "A532", "check": "learning_curve", "severity": "note", "what": "more rows still help: 27 %",
         "evidence": {"shares": [0.125, 0.25, 0.5, 1.0], "skill": [0.18, 0.22, 0.25, 0.27],
                      "gain": 0.012, "low": 0.004, "high": 0.02}}
    )  # fmt: skip
    steps["contributions"] = {
        "output": "Yes",
        "rows": [
            {"row": 4711, "why": "the most surprising answer", "truth": "Yes", "answer": 0.03, "base": 0.21,
             "parts": [{"column": "tenure", "value": 70.0, "effect": -0.12}, {"column": "Contract", "value": "Two year", "effect": -0.07}]}
        ],
    }  # fmt: skip
    return steps


def residuals() -> dict[str, Any]:
    """Errors of a regression."""
    bins = [
        {"low": p, "high": p + 500, "n": 300, "prediction": p + 250, "mean": 3.0, "q10": -0.1 * p - 90,
         "q50": 5.0 - p / 100, "q90": 0.14 * p + 100}
        for p in range(500, 5000, 500)
    ]  # fmt: skip
    counts = [3, 12, 60, 240, 900, 1400, 950, 300, 90, 30, 15]
    return {
        "samples": 5000, "mean": 2.0, "sd": 540.0, "quantiles": {"5": -760.0, "50": -4.0, "95": 910.0},
        "bins": bins, "histogram": {"edges": [-2200 + 400 * i for i in range(12)], "counts": counts},
    }  # fmt: skip


def confused(classes: list[str]) -> dict[str, Any]:
    """Confusion of several classes."""
    counts = [
        [90 - abs(i - j) * 5 if i == j else 7 - abs(i - j) for j in range(len(classes))]
        for i in range(len(classes))
    ]
    rate = {"value": 0.9, "low": 0.86, "high": 0.93}
    return {
        "classes": classes, "counts": counts, "samples": 300,
        "decided": [{"class": c, "samples": 100, "answered": 99, "recall": rate, "precision": rate} for c in classes],
        "mistakes": [{"truth": classes[0], "decided": classes[1], "rows": 6, "share": 0.06}],
    }  # fmt: skip
