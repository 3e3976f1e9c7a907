"""Have levels vanished that were common in training?"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from heldout.monitor.alarm import AlarmCard, Judged, Trial
from heldout.monitor.alarms.levels import clear_levels
from heldout.monitor.changes import rate_change
from heldout.monitor.seen import ColumnSeen, Seen


def trials(seen: Seen) -> Iterator[Trial]:
    """One question per level that training saw clearly more often than rarely."""
    for column in seen.columns:
        if column.is_leveled:
            for name in clear_levels(column):
                yield Trial(
                    column.name, partial(_judge, column, name), partial(_told, column, name)
                )


def _judge(column: ColumnSeen, name: str, level: float) -> Judged:
    if column.levels.get(name):
        return Judged(0.0, 0.0)
    before = int(column.reference["levels"][name])
    trained = column.trained - int(column.reference.get("nulls") or 0)
    return rate_change(before, trained, 0, column.rows - column.nulls, level)


def _told(column: ColumnSeen, name: str, judged: Judged) -> str:
    return f"`{column.name}`: {name!r} is gone; it was {judged.numbers['before']:.1%} in training"


def example() -> Seen:
    """A level that a quarter of training had is gone."""
    reference = {"nulls": 0, "levels": {"a": 750, "b": 250}, "more": [], "rare": {"levels": 0}}
    column = ColumnSeen("plan", "category", reference, 1000, 1000, levels={"a": 1000})
    return Seen(1000, 1000, (column,))


CARD = AlarmCard(
    name="vanished",
    question="Have levels vanished that were common in training?",
    about="columns",
    trials=trials,
    example=example,
    advice="Is it gone for good, or does a source no longer deliver?",
    source="Clopper and Pearson 1934",
)
