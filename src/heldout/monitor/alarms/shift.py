"""Have the values of an ordered column moved up or down?"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from heldout.monitor import changes
from heldout.monitor.alarm import AlarmCard, Judged, Trial
from heldout.monitor.seen import ColumnSeen, Seen


def trials(seen: Seen) -> Iterator[Trial]:
    """The mean rank within the reference, in standard deviations."""
    for column in seen.columns:
        if column.bins is not None and len(column.bins) > 1:
            yield Trial(column.name, partial(_judge, column), partial(_told, column))


def _judge(column: ColumnSeen, level: float) -> Judged:
    assert column.bins is not None
    return changes.shift(column.reference["counts"], column.bins, level)


def _told(column: ColumnSeen, judged: Judged) -> str:
    moved = float(judged.numbers["moved"])
    way = "later" if column.kind == "date" else "higher"
    back = "earlier" if column.kind == "date" else "lower"
    return (
        f"`{column.name}` lies {way if moved > 0 else back} than in training, by about "
        f"{abs(moved):.2f} standard deviations"
    )


def example() -> Seen:
    """Everything has moved up by a third of a deviation or so."""
    reference = {"nulls": 0, "edges": [1.0, 2.0, 3.0], "counts": [250, 250, 250, 250]}
    bins = np.array([130, 210, 290, 370], dtype=np.int64)
    return Seen(1000, 1000, (ColumnSeen("age", "number", reference, 1000, 1000, bins=bins),))


CARD = AlarmCard(
    name="shift",
    question="Have the values of a column moved up or down?",
    about="columns",
    trials=trials,
    example=example,
    advice="Prices, units and seasons move values; look whether the target moved with them.",
    source="Bross 1958 (ridits)",
)
