"""Do cells come that are not of the column's kind?"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from heldout.core.names import count
from heldout.monitor.alarm import AlarmCard, Judged, Trial
from heldout.monitor.changes import rate_change
from heldout.monitor.seen import ColumnSeen, Seen


def trials(seen: Seen) -> Iterator[Trial]:
    """Training had no such cell: 0 of its rows against those refused now."""
    for column in seen.columns:
        yield Trial(column.name, partial(_judge, column), partial(_told, column))


def _judge(column: ColumnSeen, level: float) -> Judged:
    return rate_change(0, column.trained, column.refused, column.rows + column.refused, level)


def _told(column: ColumnSeen, judged: Judged) -> str:
    del judged
    wanted = f"; expected {column.expected}" if column.expected else ""
    return (
        f"`{column.name}`: {count(column.refused)} of {count(column.rows + column.refused)} "
        f"cells are not of its kind, {column.kind}{wanted}"
    )


def example() -> Seen:
    """A tenth of the cells are refused."""
    column = ColumnSeen("age", "number", {"edges": [], "counts": [1000]}, 1000, 900, refused=100)
    return Seen(1000, 1000, (column,))


CARD = AlarmCard(
    name="refused",
    question="Do cells come that are not of the column's kind?",
    about="schema",
    trials=trials,
    example=example,
    advice="Look at how the file is written: units, decimal commas, new markers for missing.",
)
