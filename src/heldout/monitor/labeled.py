"""Score rows whose answers are known, beside the delivered score, and over time (MONITOR-05)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.metrics.scoring import Cut, metric_for, score
from heldout.monitor.seen import Labeled
from heldout.stats.quantiles import normal
from heldout.tasks.labels import read_label_columns, read_labels
from heldout.tasks.several import known as whole_rows
from heldout.tasks.task import Task

FEWEST = 20  # rows with known answers for a score
PER_PERIOD = 100
MOST_PERIODS = 12


def labeled(
    task: Task,
    verdict: Mapping[str, Any],
    baseline: Mapping[str, Any],
    y: Doubles,
    predictions: Doubles,
    *,
    threshold: Cut = None,
    strange: Mapping[str, int] | None = None,
) -> Labeled | None:
    """The score of ``predictions`` (rows, outputs) for known answers ``y`` (rows,), NaN where
    unknown; None with fewer than 20 of them or no delivered score to compare with.

    ``verdict`` and ``baseline`` are those of the manifest.
    """
    if int(whole_rows(y).sum()) < FEWEST or verdict.get("value") is None:
        return None
    metric = str(verdict.get("metric") or task.metric)
    return Labeled(
        score(metric, task, y, predictions, threshold=threshold),
        metric_for(metric, task).greater_is_better,
        float(verdict["value"]),
        _error(verdict),
        None if baseline.get("value") is None else float(baseline["value"]),
        dict(strange or {}),
    )


def _error(verdict: Mapping[str, Any]) -> float | None:
    """The delivered score's standard error, from its interval where it is not kept."""
    if verdict.get("standard_error") is not None:
        return float(verdict["standard_error"])
    low, high = verdict.get("low"), verdict.get("high")
    if low is None or high is None:
        return None
    return (float(high) - float(low)) / (2 * normal(float(verdict.get("level") or 0.95)))


def known(task: Task, texts: Sequence[object]) -> tuple[Doubles, Counter[str]]:
    """Answers as codes or values by the task's own rules, and how often each strange one came. Of
    several targets each text is a JSON object, {"target": answer}."""
    if task.parts:
        records = [_record(text) for text in texts]
        return known_columns(task, [[r.get(t) for r in records] for t in task.targets])
    y, strange = read_labels(task, texts)
    odd = set(strange)
    return y, Counter(t for t in (str(x).strip() for x in texts if x is not None) if t in odd)


def known_columns(task: Task, columns: Sequence[Sequence[object]]) -> tuple[Doubles, Counter[str]]:
    """The same from a column for each target."""
    if not task.parts:
        return known(task, columns[0])
    y, strange = read_label_columns(task, columns)
    odd: Counter[str] = Counter()
    for target, texts in zip(task.targets, columns, strict=True):
        odd.update(f"{target}: {str(x).strip()}" for x in texts if x is not None)
    return y, Counter({text: odd[text] for text in strange})


def _record(text: object) -> Mapping[str, Any]:
    try:
        found = json.loads(str(text)) if text is not None else None
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def periods(
    task: Task,
    metric: str,
    y: Doubles,
    predictions: Doubles,
    at: Sequence[str] | Array,
    *,
    threshold: Cut = None,
) -> list[dict[str, Any]]:
    """The score by time of *prediction*: up to 12 stretches of at least 100 known answers.

    ``at`` (rows,) are times that sort as text (ISO, UTC). Answers that come fast are not a random
    part: the last stretch may change when the slow ones arrive.
    """
    times = np.asarray([str(t) for t in at])
    rows = np.flatnonzero(whole_rows(y))
    rows = rows[np.argsort(times[rows], kind="stable")]
    parts = min(MOST_PERIODS, len(rows) // PER_PERIOD)
    if parts < 2:
        return []
    told = []
    for part in np.array_split(rows, parts):
        found = score(metric, task, y[part], predictions[part], threshold=threshold)
        told.append(
            {"from": times[part[0]].item(), "to": times[part[-1]].item(), **found.as_dict()}
        )
    return told


def joined(parts: Iterable[Doubles]) -> Doubles:
    """Arrays of chunks in one; empty without any."""
    found = list(parts)
    return np.concatenate(found) if found else np.zeros(0)
