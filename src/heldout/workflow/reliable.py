"""Do the probabilities mean what they say? The reliability curve with its numbers (EVAL-21)."""

from __future__ import annotations

from typing import Any

import numpy as np

from heldout.core.arrays import Array, Bools, Doubles
from heldout.metrics.calibration import calibration
from heldout.metrics.scoring import score
from heldout.stats.intervals import wilson
from heldout.tasks.task import Task

FEWEST = 20  # rows of a bin


def reliability(
    task: Task, y: Doubles, predicted: Doubles, *, groups: Array | None = None, bins: int = 10
) -> dict[str, Any]:
    """Of the rows given about p, what share was right; equally filled bins, Wilson's intervals.

    Two classes: p of the positive one. Several: p of the most probable one, right where it is
    the truth. ``samples``, ``brier`` with its interval and that of always saying the shares, and
    ``calibration`` (two classes: slope, intercept, error without its noise). Empty for values.
    """
    if not task.is_classification or not len(y):
        return {}
    p, hit = _told(task, y, predicted)
    found: dict[str, Any] = {"bins": _bins(p, hit, bins), "samples": len(y)}
    found["brier"] = _brier(task, y, predicted, groups)
    if task.kind == "binary":
        found["calibration"] = calibration(task, y, predicted, groups=groups)
    return found


def _told(task: Task, y: Doubles, predicted: Doubles) -> tuple[Doubles, Bools]:
    if task.kind == "binary":
        return predicted[:, task.positive_code], y == task.positive_code
    most = predicted.argmax(axis=1)
    return predicted.max(axis=1), y == most


def _bins(p: Doubles, hit: Bools, bins: int) -> list[dict[str, float | int]]:
    order = np.argsort(p, kind="stable")
    rows = []
    for part in np.array_split(order, min(bins, max(1, len(order) // FEWEST))):
        low, high = wilson(int(hit[part].sum()), len(part))
        rows.append(
            {
                "low": float(p[part].min()),
                "high": float(p[part].max()),
                "mean": float(p[part].mean()),
                "share": float(hit[part].mean()),
                "share_low": low,
                "share_high": high,
                "n": len(part),
            }
        )
    return rows


def _brier(
    task: Task, y: Doubles, predicted: Doubles, groups: Array | None
) -> dict[str, float | None]:
    """Mean squared error of the probabilities, beside that of always saying the shares."""
    found = score("brier", task, y, predicted, groups=groups)
    shares = np.bincount(y.astype(np.int64), minlength=task.outputs) / len(y)
    nothing = score("brier", task, y, np.tile(shares, (len(y), 1)))
    return {"value": found.value, "low": found.low, "high": found.high, "baseline": nothing.value}
