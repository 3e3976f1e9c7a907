"""Where answers are known: is the score worse than the one the bundle was delivered with?

The effect is the share of the gain over the baseline that is lost, bounded from below by the
difference's own interval (both scores are uncertain).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial

from heldout.metrics.digits import digits
from heldout.metrics.score import Score
from heldout.monitor.alarm import AlarmCard, Judged, Trial
from heldout.monitor.seen import Labeled, Seen
from heldout.stats.quantiles import normal


def trials(seen: Seen) -> Iterator[Trial]:
    """One question, if rows with known answers came along."""
    labeled = seen.labeled
    if labeled is None or labeled.score.standard_error is None:
        return
    if math.isfinite(labeled.score.value):
        yield Trial("score", partial(_judge, labeled), partial(_told, labeled))


def _judge(labeled: Labeled, level: float) -> Judged:
    sign = 1.0 if labeled.greater_is_better else -1.0
    lost = sign * (labeled.sealed - labeled.score.value)
    live_error = labeled.score.standard_error or 0.0
    error = math.hypot(live_error, labeled.sealed_error or 0.0)
    # one-sided: a better score is no alarm
    certain = max(0.0, lost - normal(2 * level - 1) * error)
    gain = abs(labeled.sealed - labeled.baseline) if labeled.baseline is not None else 0.0
    scale = gain if gain > 0 else max(abs(labeled.sealed), 1e-12)
    numbers = {
        "score": labeled.score.value,
        "low": labeled.score.low,
        "high": labeled.score.high,
        "samples": labeled.score.samples,
        "sealed": labeled.sealed,
        "baseline": labeled.baseline,
        "lost_share": lost / scale,
    }
    return Judged(max(0.0, lost / scale), certain / scale, numbers)


def _told(labeled: Labeled, judged: Judged) -> str:
    score = labeled.score
    shown = digits(score.metric, score.value, score.low, score.high)
    ends = "" if score.low is None else f" (interval {shown(score.low)} to {shown(score.high)})"
    return (
        f"{score.metric} is {shown(score.value)}{ends} on {score.samples:,} rows with known answers; "
        f"delivered with {shown(labeled.sealed)}; at least {100 * judged.low:.0f} % of the gain over "
        "the baseline is lost"
    )


def example() -> Seen:
    """From 0.85 to 0.60, with 0.50 as baseline."""
    score = Score("roc_auc", 0.60, 0.56, 0.64, 1000, 0.02)
    return Seen(1000, 1000, labeled=Labeled(score, True, 0.85, 0.01, 0.5))


CARD = AlarmCard(
    name="score",
    question="Is the score worse than the one the bundle was delivered with?",
    about="labels",
    trials=trials,
    example=example,
    advice="heldout retrain on recent rows: champion against challenger on the same rows.",
    floors=(0.0, 0.15, 0.5),
)
