"""Are the levels of a category otherwise common?

Levels that stand clearly above the last one that the reference lists are compared one by one, all
others together. Which levels are listed was decided by the same counts that they are compared
with: near the boundary the lucky ones are listed, and would seem to vanish in any new window.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial

import numpy as np

from heldout.core.arrays import Ints
from heldout.monitor.alarm import AlarmCard, Judged, Trial
from heldout.monitor.changes import bins_change
from heldout.monitor.seen import ColumnSeen, Seen

CLEAR = 4.0  # standard deviations of a count above the boundary


def trials(seen: Seen) -> Iterator[Trial]:
    """Cohen's w over levels."""
    for column in seen.columns:
        if column.is_leveled and len(clear_levels(column)) > 0:
            yield Trial(column.name, partial(_judge, column), partial(_told, column))


def clear_levels(column: ColumnSeen) -> list[str]:
    """Levels whose count does not owe anything to having been selected."""
    counts = {str(k): int(v) for k, v in column.reference["levels"].items()}
    rare = column.reference.get("rare") or {}
    if not rare.get("levels"):
        return list(counts)
    boundary = min(counts.values(), default=0)
    return [k for k, n in counts.items() if n > boundary + CLEAR * math.sqrt(boundary)]


def _counts(column: ColumnSeen) -> tuple[list[str], Ints, Ints]:
    names = clear_levels(column)
    before = [int(column.reference["levels"][name]) for name in names]
    now = [int(column.levels.get(name, 0)) for name in names]
    trained = column.trained - int(column.reference.get("nulls") or 0)
    before.append(max(0, trained - sum(before)))
    now.append(max(0, column.rows - column.nulls - sum(now)))
    return names, np.array(before, dtype=np.int64), np.array(now, dtype=np.int64)


def _judge(column: ColumnSeen, level: float) -> Judged:
    names, before, now = _counts(column)
    judged = bins_change(before, now, level)
    if before.sum() == 0 or now.sum() == 0:
        return judged
    p, q = before / before.sum(), now / now.sum()
    most = int(np.argmax(np.abs(q - p)))
    moved = {
        "level": names[most] if most < len(names) else "all others together",
        "before": float(p[most]),
        "now": float(q[most]),
    }
    return Judged(judged.effect, judged.low, {**judged.numbers, **moved})


def _told(column: ColumnSeen, judged: Judged) -> str:
    n = judged.numbers
    return (
        f"`{column.name}` is composed otherwise: {n['level']} {n['now']:.1%}, in training "
        f"{n['before']:.1%}"
    )


def example() -> Seen:
    """From half and half to nine in ten."""
    reference = {"nulls": 0, "levels": {"a": 500, "b": 500}, "more": [], "rare": {"levels": 0}}
    column = ColumnSeen("plan", "category", reference, 1000, 500, levels={"a": 450, "b": 50})
    return Seen(1000, 500, (column,))


CARD = AlarmCard(
    name="levels",
    question="Are the levels of a category otherwise common?",
    about="columns",
    trials=trials,
    example=example,
    advice="Another mix of the same levels: look whether the score differs between them.",
    source="Cohen 1988 (w); noncentral chi-squared bound",
)
