"""Values piled up at an end: cut off, or as far as the instrument went."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import applies, examples
from heldout.audits.cells import Numbers, numbers, of_rows, share_of
from heldout.audits.finding import CheckCard, Finding, Look

DISTINCT, FEWEST, SHARE, TIMES, NEIGHBORS = 50, 10, 0.005, 10.0, 20


def run(look: Look) -> Iterator[Finding]:
    """The last value holds ten times what its neighbors hold."""
    for n in numbers(look, 100):
        for value, times in piles(n):
            yield Finding(
                "A406",
                "capped",
                "note",
                f"`{n.name}`: {share_of(times, len(n.known))} of {of_rows(look)} hold exactly "
                f"{value:g}, the {'highest' if value == n.known[-1] else 'lowest'} value",
                (n.name,),
                {"value": value, "rows": times},
                "values cut off at an end look alike and are not: what lies beyond is unknown",
                "kept",
                "find out where the limit comes from, and whether it holds when you predict",
            )


def piles(n: Numbers) -> Iterator[tuple[float, int]]:
    """Ends of a column at which values pile up; a lowest value of 0 is a natural one."""
    if len(n.distinct) < DISTINCT:
        return
    for end, beside in ((-1, n.counts[-1 - NEIGHBORS : -1]), (0, n.counts[1 : 1 + NEIGHBORS])):
        value, times = float(n.distinct[end]), int(n.counts[end])
        many = times >= max(FEWEST, SHARE * len(n.known)) and times >= TIMES * float(beside.mean())
        if many and not (end == 0 and value == 0):
            yield value, times


def example() -> Look:
    """House values that end at 50."""
    columns = examples.noise(500)
    columns["value"] = np.minimum(np.round(38 + 9 * columns["x0"], 1), 50.0)
    return examples.look(columns)


CARD = CheckCard(
    code="A406",
    question="Are values cut off at an end?",
    reads="structure",
    run=run,
    example=example,
    severity="note",
    rule="the highest (or lowest) of at least 50 values in 0.5 % of the rows, ten times as often as its neighbors",
    false_alarms=0.001,
    does="kept",
    applies=applies.kinds("number"),
)
