"""O: the order of the file tells the target: sorted rows, batches, or time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import examples
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.audits.goal import goal
from heldout.audits.singles import single
from heldout.core.arrays import Doubles
from heldout.tables.schema import Column

CORRELATION, STRENGTH, SKILL, Z = 0.05, 5.0, 0.02, 4.0
SORTED = 0.9  # lag one from which the file is sorted by the target itself


def run(look: Look) -> Iterator[Finding]:
    """Neighbours agree (lag one above 0.05) and the row number explains more than 2 %."""
    assert look.y is not None
    assert look.task is not None
    if look.task.time:
        return
    rank = np.arange(len(look.y)) if look.rank is None else look.rank
    order = np.argsort(rank, kind="stable")
    lag = max(_lag_one(series[order]) for series in _series(look))
    if lag <= CORRELATION or lag * np.sqrt(len(look.y)) <= STRENGTH:
        return
    row = single(look, Column("row number", "number"), rank.astype(np.float64))
    if row.skill <= SKILL or row.z <= Z:
        return
    sorted_by_it = lag > SORTED
    yield Finding(
        "A307",
        "row_order",
        "warn",
        f"the order of the file tells the target: the row number alone explains {row.skill:.0%}"
        + ("; the file seems to be sorted by it" if sorted_by_it else ""),
        (),
        {"lag_one": lag, "skill": row.skill, "z": row.z},
        "rows that are sorted, or written in batches, share more than their columns say",
        "rows were shuffled into folds by content, not by position",
        "if the file is in order of time, say --time row or name the column of time",
        "--time row",
        "" if sorted_by_it else "Is the file in order of time?",
    )


def _series(look: Look) -> list[Doubles]:
    aim = goal(look)
    if not aim.classes:
        return [aim.y]
    return [(aim.y == c).astype(np.float64) for c in np.unique(aim.y)[:20]]


def _lag_one(series: Doubles) -> float:
    centred = series - series.mean()
    total = float(centred @ centred)
    return float(centred[1:] @ centred[:-1]) / total if total > 0 else 0.0


def example() -> Look:
    """All no rows first."""
    rng = np.random.default_rng(0)
    y = np.sort((rng.random(400) < 0.4).astype(np.float64))
    return examples.look(examples.noise(400), y)


CARD = CheckCard(
    code="A307",
    question="Does the order of the file tell the target?",
    reads="target",
    run=run,
    example=example,
)
