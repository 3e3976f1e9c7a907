"""Are more, or fewer, cells missing than in training?"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from heldout.monitor.alarm import AlarmCard, Judged, Trial
from heldout.monitor.changes import rate_change
from heldout.monitor.seen import ColumnSeen, Seen


def trials(seen: Seen) -> Iterator[Trial]:
    """Exact intervals of both shares."""
    for column in seen.columns:
        yield Trial(column.name, partial(_judge, column), partial(_told, column))


def _judge(column: ColumnSeen, level: float) -> Judged:
    before = int(column.reference.get("nulls") or 0)
    return rate_change(before, column.trained, column.nulls, column.rows, level)


def _told(column: ColumnSeen, judged: Judged) -> str:
    n = judged.numbers
    return f"`{column.name}` is missing in {n['now']:.1%}, in training in {n['before']:.1%}"


def example() -> Seen:
    """From 2 % missing to 20 %."""
    column = ColumnSeen("age", "number", {"nulls": 20, "edges": []}, 1000, 1000, nulls=200)
    return Seen(1000, 1000, (column,))


CARD = AlarmCard(
    name="nulls",
    question="Are more cells missing than in training?",
    about="columns",
    trials=trials,
    example=example,
    advice="Ask whoever delivers the column what changed.",
    source="Clopper and Pearson 1934; Cohen 1988 (h)",
)
