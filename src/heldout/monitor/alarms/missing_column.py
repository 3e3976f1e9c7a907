"""Is a column gone that the model needs?"""

from __future__ import annotations

from collections.abc import Iterator

from heldout.monitor.alarm import AlarmCard, Trial, fact
from heldout.monitor.seen import Seen


def trials(seen: Seen) -> Iterator[Trial]:
    """One fact per column."""
    for name in seen.missing:
        yield fact(name, f"`{name}` is missing; the model needs it", "block")


def example() -> Seen:
    """One column is gone."""
    return Seen(100, 10, missing=("age",))


CARD = AlarmCard(
    name="missing_column",
    question="Is a column gone that the model needs?",
    about="schema",
    trials=trials,
    example=example,
    advice="If it has a new name: --rename NEW=OLD. If it is gone for good: retrain without it.",
)
