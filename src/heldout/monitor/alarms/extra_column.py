"""Has a column come that the training data did not have?"""

from __future__ import annotations

from collections.abc import Iterator

from heldout.monitor.alarm import AlarmCard, Trial, fact
from heldout.monitor.seen import Seen


def trials(seen: Seen) -> Iterator[Trial]:
    """One fact per column."""
    for name in seen.extra:
        yield fact(name, f"`{name}` is new: the model does not look at it", "note")


def example() -> Seen:
    """One column has come."""
    return Seen(100, 10, extra=("campaign",))


CARD = AlarmCard(
    name="extra_column",
    question="Has a column come that training did not have?",
    about="schema",
    trials=trials,
    example=example,
    advice="Nothing breaks. When you retrain, it may help.",
)
