"""What a binary model does at every threshold: ROC, precision-recall, gain, lift, money.

All five are read off one ranking, so that they agree with each other. A curve is told in at most
``MOST`` points; the first and the last are always among them. Equal scores are one threshold.

Sources: Fawcett 2006 (ROC); Davis and Goadrich 2006 (precision and recall).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.metrics.confusion import operating_point
from heldout.metrics.question import Question

MOST = 100
PER = 1_000  # samples that money is told for
CHOICES = (0.05, 0.1, 0.2, 0.5, 0.9)  # shares flagged, and the recall of the last


@dataclass(frozen=True)
class Ranked:
    """``threshold`` (t,) falling, each with the samples that reach it: ``flagged``, of them
    ``right``; ``samples`` and ``positives`` of all."""

    threshold: Doubles
    flagged: Doubles
    right: Doubles
    samples: int
    positives: int


def rank(hit: Array, p: Doubles) -> Ranked:
    """``hit`` (samples,) whether positive, ``p`` (samples,) its probability.

    >>> r = rank(np.array([True, False, True]), np.array([0.9, 0.4, 0.4]))
    >>> r.threshold.tolist(), r.flagged.tolist(), r.right.tolist()
    ([0.9, 0.4], [1.0, 3.0], [1.0, 2.0])
    """
    order = np.argsort(-p, kind="stable")
    score, found = p[order], np.asarray(hit, dtype=np.float64)[order]
    last = np.append(np.diff(score) < 0, True)
    right = np.cumsum(found)[last]
    flagged = np.arange(1.0, len(p) + 1)[last]
    return Ranked(score[last], flagged, right, len(p), int(found.sum()))


def curves(
    task: Question, y: Doubles, prediction: Doubles, threshold: float
) -> dict[str, Any] | None:
    """The numbers of all curves for a binary task, with the point of the shipped ``threshold``;
    None where a class is missing.

    ``y`` (samples,) codes, ``prediction`` (samples, 2).
    """
    p = prediction[:, task.positive_code]
    hit = y == task.positive_code
    if task.kind != "binary" or hit.all() or not hit.any():
        return None
    ranked = rank(hit, p)
    n, plus = ranked.samples, ranked.positives
    flagged = np.append(0.0, ranked.flagged)
    right = np.append(0.0, ranked.right)
    at_threshold = np.append(np.nextafter(ranked.threshold[0], 2.0), ranked.threshold)
    now = int(np.sum(at_threshold >= threshold)) - 1
    share, recall = flagged / n, right / plus
    alarm = (flagged - right) / (n - plus)
    some = flagged > 0
    precision = np.divide(right, flagged, out=np.ones_like(right), where=some)
    base = plus / n
    return {
        "samples": n,
        "positives": plus,
        "positive": task.positive,
        "threshold": threshold,
        "roc": _curve(alarm, recall, at_threshold, now, None),
        "pr": _curve(recall[some], precision[some], at_threshold[some], now - 1, base),
        "gain": _curve(share, recall, at_threshold, now, None),
        "lift": _curve(share[some], precision[some] / base, at_threshold[some], now - 1, 1.0),
        "money": money(task.cost, ranked, threshold),
        "choices": choices(task, y, prediction, ranked),
    }


def money(cost: Mapping[str, float], ranked: Ranked, threshold: float) -> dict[str, Any] | None:
    """What errors cost for a thousand samples at every threshold; None without costs."""
    if not cost:
        return None
    miss, alarm = float(cost.get("miss", 0.0)), float(cost.get("alarm", 0.0))
    none = ranked.positives * miss / ranked.samples * PER
    spent = (
        ((ranked.positives - ranked.right) * miss + (ranked.flagged - ranked.right) * alarm)
        / ranked.samples
        * PER
    )
    best = int(np.argmin(spent))
    now = int(np.sum(ranked.threshold >= threshold)) - 1
    cheapest = [float(ranked.threshold[best]), float(spent[best])]
    if none < cheapest[1]:
        cheapest = [1.0, none]
    kept = _thinned(ranked.threshold, spent)
    return {
        "points": [[_short(ranked.threshold[i]), _short(spent[i])] for i in kept],
        "at": [threshold, float(spent[now]) if now >= 0 else none],
        "best": cheapest,
        "none": none,
        "all": (ranked.samples - ranked.positives) * alarm / ranked.samples * PER,
        "miss": miss,
        "alarm": alarm,
    }


def choices(
    task: Question, y: Doubles, prediction: Doubles, ranked: Ranked
) -> list[dict[str, Any]]:
    """Operating points that one might choose instead: a share flagged, nine in ten found."""
    told = []
    for share in CHOICES[:-1]:
        at = int(np.argmin(np.abs(ranked.flagged / ranked.samples - share)))
        told.append((at, f"{100 * share:.0f} % flagged"))
    enough = ranked.right >= CHOICES[-1] * ranked.positives
    told.append((int(np.argmax(enough)), f"{100 * CHOICES[-1]:.0f} % found"))
    made = []
    for at, why in dict(told).items():
        point = operating_point(task, y, prediction, float(ranked.threshold[at]))
        made.append({**point, "why": why})
    return sorted(made, key=lambda point: -float(point["threshold"]))


def _curve(
    x: Doubles, y: Doubles, threshold: Doubles, now: int, chance: float | None
) -> dict[str, Any]:
    """``chance`` None: the diagonal."""
    kept = _thinned(x, y)
    return {
        "points": [[_short(x[i]), _short(y[i]), _short(_end(float(threshold[i])))] for i in kept],
        "at": [float(x[now]), float(y[now])] if 0 <= now < len(x) else None,
        "chance": "diagonal" if chance is None else chance,
    }


def _short(value: float) -> float:
    """Six digits: a point of a picture."""
    return float(f"{value:.6g}")


def _end(threshold: float) -> float:
    """Just above the highest score nothing is flagged: told as 1."""
    return min(1.0, threshold) if math.isfinite(threshold) else 1.0


def _thinned(x: Doubles, y: Doubles) -> list[int]:
    """At most ``MOST`` points, evenly along the way in both directions."""
    if len(x) <= MOST:
        return list(range(len(x)))
    width, height = (float(np.ptp(v)) or 1.0 for v in (x, y))
    way = np.append(0.0, np.cumsum(np.abs(np.diff(x)) / width + np.abs(np.diff(y)) / height))
    wanted = np.linspace(0.0, way[-1], MOST)
    return sorted(set(np.searchsorted(way, wanted, side="left").clip(0, len(x) - 1).tolist()))
