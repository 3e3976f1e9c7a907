"""Do levels come that training did not know?

Levels with fewer than five training rows are folded into "rare" in the reference, so a level that
is not listed may be rare or new. Their share is compared with the share of rare rows in training,
plus the rows of levels that were only just listed: by Good and Turing's rule a new window holds
about as many rows of levels that are about to fall below the line.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from heldout.core.names import count
from heldout.monitor.alarm import AlarmCard, Judged, Trial
from heldout.monitor.changes import rate_change
from heldout.monitor.seen import ColumnSeen, Seen

RARE = 5  # a level needs as many training rows to be listed
SHOWN = 3


def trials(seen: Seen) -> Iterator[Trial]:
    """Share of rows whose level is not listed."""
    for column in seen.columns:
        if column.is_leveled and column.kind == "category":
            yield Trial(column.name, partial(_judge, column), partial(_told, column))


def unlisted(column: ColumnSeen) -> dict[str, int]:
    """Live counts of levels that the reference does not list."""
    listed = {*map(str, column.reference["levels"]), *map(str, column.reference.get("more") or ())}
    return {name: n for name, n in column.levels.items() if name not in listed}


def _judge(column: ColumnSeen, level: float) -> Judged:
    rare = column.reference.get("rare") or {}
    before = int(rare.get("rows") or 0)
    if not column.reference.get("more"):
        just = sum(int(n) <= RARE for n in column.reference["levels"].values())
        before += RARE * just
    trained = column.trained - int(column.reference.get("nulls") or 0)
    now, rows = sum(unlisted(column).values()), column.rows - column.nulls
    judged = rate_change(min(before, trained), trained, now, rows, level)
    # fewer strangers than before are no reason for an alarm
    if judged.numbers and judged.numbers["now"] <= judged.numbers["before"]:
        return Judged(0.0, 0.0, judged.numbers)
    return judged


def _told(column: ColumnSeen, judged: Judged) -> str:
    new = sorted(unlisted(column).items(), key=lambda pair: (-pair[1], pair[0]))
    shown = ", ".join(f"{name!r} {count(n)}" for name, n in new[:SHOWN])
    more = f" and {count(len(new) - SHOWN)} more" if len(new) > SHOWN else ""
    return (
        f"`{column.name}`: {judged.numbers['now']:.1%} of the rows hold a level that training did "
        f"not know or hardly knew: {shown}{more}"
    )


def example() -> Seen:
    """One row in ten holds a level that training never saw."""
    reference = {"nulls": 0, "levels": {"a": 500, "b": 500}, "more": [], "rare": {"levels": 0}}
    live = {"a": 450, "b": 450, "c": 100}
    return Seen(1000, 1000, (ColumnSeen("plan", "category", reference, 1000, 1000, levels=live),))


CARD = AlarmCard(
    name="unseen",
    question="Do levels come that training did not know?",
    about="columns",
    trials=trials,
    example=example,
    advice="The model answers them as unknown. If they stay, retrain with rows that hold them.",
    source="Good 1953; Clopper and Pearson 1934",
)
