"""Has the distribution of an ordered column another shape?"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from heldout.monitor.alarm import AlarmCard, Judged, Trial
from heldout.monitor.changes import bins_change
from heldout.monitor.seen import ColumnSeen, Seen
from heldout.stats.drift import largest_gap


def trials(seen: Seen) -> Iterator[Trial]:
    """Cohen's w over the reference's bins."""
    for column in seen.columns:
        if column.bins is not None and len(column.bins) > 1:
            yield Trial(column.name, partial(_judge, column), partial(_told, column))


def _judge(column: ColumnSeen, level: float) -> Judged:
    assert column.bins is not None
    judged = bins_change(column.reference["counts"], column.bins, level)
    if column.rows == column.nulls:
        return judged
    gap = largest_gap(column.reference["counts"], column.bins)
    return Judged(judged.effect, judged.low, {**judged.numbers, "largest_gap": gap})


def _told(column: ColumnSeen, judged: Judged) -> str:
    gap = judged.numbers.get("largest_gap", 0.0)
    return (
        f"`{column.name}` is distributed otherwise: up to {gap:.0%} of the rows lie elsewhere than "
        f"in training (PSI {judged.numbers['psi']:.2f})"
    )


def example() -> Seen:
    """The middle has moved to both ends: no shift, another shape."""
    reference = {"nulls": 0, "edges": [1.0, 2.0, 3.0], "counts": [250, 250, 250, 250]}
    bins = np.array([450, 50, 50, 450], dtype=np.int64)
    return Seen(1000, 1000, (ColumnSeen("age", "number", reference, 1000, 1000, bins=bins),))


CARD = AlarmCard(
    name="shape",
    question="Has the distribution of a column another shape?",
    about="columns",
    trials=trials,
    example=example,
    advice="Compare the rows behind it with training: another population, season or source?",
    source="Cohen 1988 (w); noncentral chi-squared bound",
)
