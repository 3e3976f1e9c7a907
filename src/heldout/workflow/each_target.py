"""Several targets: the score of each beside the mean, with its interval and its baseline."""

from __future__ import annotations

from typing import Any

import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.metrics.confusion import operating_point
from heldout.metrics.score import METRICS
from heldout.metrics.scoring import Cut, score, thresholds_of
from heldout.metrics.several import of_part
from heldout.tasks.task import Task
from heldout.workflow.context import Context


def each_target(
    task: Task,
    y: Doubles,
    predicted: Doubles,
    nothing: Doubles,
    *,
    groups: Array | None,
    threshold: Cut,
    factor: float = 1.0,
) -> tuple[dict[str, Any], ...]:
    """For each target: its own metric (numbers in their own unit) with its interval, that of the
    null model, rows; of labels the positive class, its share, and counts at the threshold. Empty
    for a task of one target."""
    limits = thresholds_of(task, threshold) if task.is_multilabel else [None] * len(task.parts)
    rows = []
    for j, part in enumerate(task.parts):
        told, null = (of_part(task, j, p) for p in (predicted, nothing))
        options: dict[str, Any] = {"threshold": limits[j], "groups": groups, "factor": factor}
        own = score(task.metric, part, y[:, j], told, **options)
        base = score(task.metric, part, y[:, j], null, **options)
        row: dict[str, Any] = {
            "target": part.target,
            **own.as_dict(),
            "baseline": base.as_dict()["value"],
        }
        if task.is_multilabel:
            found = operating_point(part, y[:, j], told, limits[j])
            row |= {"positive": part.positive, "share": float(np.mean(y[:, j])), **found}
        else:
            row |= {"scale": part.scale}
        rows.append(row)
    return tuple(rows)


def record_targets(
    rows: tuple[dict[str, Any], ...], metric: str, context: Context, *, sealed: bool
) -> None:
    """Enter them, worst first in words."""
    if not rows:
        return
    greater = METRICS.get(metric).greater_is_better
    known = [r for r in rows if r["value"] is not None]
    ranked = sorted(known, key=lambda r: r["value"] / _unit(r), reverse=not greater)
    words = f"hardest: {ranked[0]['target']}" if ranked else "no score of a single target"
    context.write(
        "targets",
        words,
        "each target by itself, on the rows that the mean is of",
        numbers={"targets": list(rows), "metric": metric, "sealed": sealed},
    )


def _unit(row: dict[str, Any]) -> float:
    return float(row.get("scale") or 1.0)
