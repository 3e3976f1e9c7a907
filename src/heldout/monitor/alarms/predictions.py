"""Does the model answer higher or lower, on average, than it did out of fold in training?

Only the mean is asked for. The reference holds out-of-fold answers, and the shipped model was
refitted on all open rows: on rows of the same population the two have the same mean, but not the
same shape. Measured on sealed rows of four tables over 20 bins: Cohen's w of 0.05 to 0.48 without
any drift, while the means differed by less than 0.01 standard deviations.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial

import numpy as np

from heldout.monitor.alarm import AlarmCard, Judged, Trial
from heldout.monitor.seen import ScoreSeen, Seen
from heldout.stats.quantiles import normal


def trials(seen: Seen) -> Iterator[Trial]:
    """One question per output."""
    for score in seen.scores:
        if score.reference.get("mean") is not None:
            yield Trial(score.output, partial(_judge, score), partial(_told, score))


def _judge(score: ScoreSeen, level: float) -> Judged:
    n, m = float(np.sum(score.reference["counts"])), float(score.bins.sum())
    deviation = max(score.deviation, _deviation(score))
    if n == 0 or m == 0 or deviation == 0:
        return Judged(0.0, 0.0)
    moved = (score.mean - float(score.reference["mean"])) / deviation
    noise = math.sqrt(1 / n + 1 / m)
    low = max(0.0, abs(moved) - normal(level) * noise)
    numbers = {
        "before": float(score.reference["mean"]),
        "now": score.mean,
        "moved": moved,
        "rows": int(m),
        "bins": score.bins.tolist(),
    }
    return Judged(math.sqrt(max(0.0, moved**2 - noise**2)), low, numbers)


def _deviation(score: ScoreSeen) -> float:
    """Of the reference's answers, from the middles of its bins."""
    stored = score.reference
    if stored.get("low") is None or stored.get("high") is None:
        return 0.0
    ends = np.array([stored["low"], *stored["edges"], stored["high"]], dtype=np.float64)
    middles, counts = (ends[1:] + ends[:-1]) / 2, np.asarray(stored["counts"], dtype=np.float64)
    mean = float(np.average(middles, weights=counts))
    return math.sqrt(float(np.average((middles - mean) ** 2, weights=counts)))


def _told(score: ScoreSeen, judged: Judged) -> str:
    n = judged.numbers
    return (
        f"{score.output}: {n['now']:.4g} on average, in training {n['before']:.4g}; "
        f"{abs(n['moved']):.2f} standard deviations {'higher' if n['moved'] > 0 else 'lower'}"
    )


def example() -> Seen:
    """Twice as many high answers."""
    reference = {
        "edges": [0.2, 0.5],
        "counts": [500, 300, 200],
        "mean": 0.3,
        "low": 0.0,
        "high": 1.0,
    }
    bins = np.array([300, 300, 400], dtype=np.int64)
    seen = ScoreSeen("probability of Yes", reference, bins, 0.45, 0.3)
    return Seen(1000, 1000, scores=(seen,))


CARD = AlarmCard(
    name="predictions",
    question="Does the model answer otherwise than it did in training?",
    about="predictions",
    trials=trials,
    example=example,
    advice="Either the population changed, or what feeds the model did. Label some rows at random.",
    source="Cohen 1988 (d)",
)
