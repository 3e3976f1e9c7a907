"""Do values lie outside the range that training saw?

Beyond the extremes of n training rows lies a share that is at most that of an exact interval for
0 of n; the alarm needs more.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from heldout.core.names import count
from heldout.monitor.alarm import AlarmCard, Judged, Trial
from heldout.monitor.changes import rate_change
from heldout.monitor.seen import ColumnSeen, Seen

KINDS = ("number", "date")


def trials(seen: Seen) -> Iterator[Trial]:
    """Both ends together, for numbers and dates."""
    for column in seen.columns:
        if column.kind in KINDS and column.reference.get("low") is not None:
            yield Trial(column.name, partial(_judge, column), partial(_told, column))


def _judge(column: ColumnSeen, level: float) -> Judged:
    trained = column.trained - int(column.reference.get("nulls") or 0)
    outside = column.below + column.above
    return rate_change(0, trained, outside, column.rows - column.nulls, level)


def _told(column: ColumnSeen, judged: Judged) -> str:
    del judged
    ends = ""
    if column.kind == "number":
        low, high = column.reference["low"], column.reference["high"]
        ends = f", {low:g} to {high:g}"
        if column.smallest is not None and column.largest is not None:
            ends += f" (now {column.smallest:g} to {column.largest:g})"
    return (
        f"`{column.name}`: {count(column.below)} values below and {count(column.above)} above the "
        f"range seen in training{ends}"
    )


def example() -> Seen:
    """A tenth of the values lie above."""
    reference = {"nulls": 0, "edges": [50.0], "counts": [500, 500], "low": 0.0, "high": 100.0}
    return Seen(1000, 1000, (ColumnSeen("age", "number", reference, 1000, 1000, above=100),))


CARD = AlarmCard(
    name="out_of_range",
    question="Do values lie outside the range that training saw?",
    about="columns",
    trials=trials,
    example=example,
    advice="There the model extends what it learned without evidence. Check units first.",
    source="Clopper and Pearson 1934",
)
