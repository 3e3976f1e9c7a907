"""Do answers come that the task does not know?"""

from __future__ import annotations

from collections.abc import Iterator

from heldout.core.names import plural
from heldout.metrics.score import Score
from heldout.monitor.alarm import AlarmCard, Trial, fact
from heldout.monitor.seen import Labeled, Seen


def trials(seen: Seen) -> Iterator[Trial]:
    """One fact per strange label."""
    if seen.labeled is not None:
        for label, rows in sorted(seen.labeled.strange.items(), key=lambda pair: -pair[1]):
            words = f"{label!r} is no class that the model knows, in {plural(rows, 'row')}"
            yield fact("labels", words, "warn")


def example() -> Seen:
    """A third class."""
    score = Score("roc_auc", 0.85, 0.8, 0.9, 100, 0.02)
    return Seen(100, 10, labeled=Labeled(score, True, 0.85, 0.02, 0.5, {"Perhaps": 3}))


CARD = AlarmCard(
    name="new_label",
    question="Do answers come that the task does not know?",
    about="labels",
    trials=trials,
    example=example,
    advice="A spelling, or a new class: for a new class the task must be defined again.",
)
