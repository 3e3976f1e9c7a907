"""What a metric says, in the words of the screens."""

from __future__ import annotations

from heldout.metrics.question import Question
from heldout.metrics.score import METRICS


def told(metric_name: str, task: Question) -> str:
    """The sentence that explains a metric beside its value, in the task's own words."""
    card = METRICS.get(metric_name)
    if not card.told:
        return f"{card.title[:1].upper()}{card.title[1:]}."
    positive = task.positive or "positive"
    others = [c for c in task.classes if c != task.positive]
    negative = others[0] if len(others) == 1 else "other"
    return card.told.format(positive=positive, negative=negative)
