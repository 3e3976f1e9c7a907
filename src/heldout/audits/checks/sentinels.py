"""Numbers that mean "missing": -999, 9999, or -1 where nothing else is negative."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from heldout.audits import applies, examples
from heldout.audits.cells import Numbers, numbers, of_rows, robust, share_of
from heldout.audits.finding import CheckCard, Finding, Look

FEWEST, TIMES, APART, MOST = 3, 30, 3.0, 0.95
NINES = re.compile(r"-?(?:9{2,}|8{3,}|7{3,}|9{2,}8|9{2,}7)")


def run(look: Look) -> Iterator[Finding]:
    """The lowest or highest value, repeated, made of nines (or -1), and far from the rest."""
    for n in numbers(look, TIMES):
        for value, times in coded(n):
            yield Finding(
                "A404",
                "sentinels",
                "warn",
                f"`{n.name}`: {value:g} in {share_of(times, len(n.known))} of {of_rows(look)}, "
                "far from every other value",
                (n.name,),
                {"value": value, "rows": times},
                "a code for missing that is read as a number pulls every average and every line",
                "kept as a number; a gap would be a value of its own",
                "empty these cells in the file if the code means missing",
                question=f"Does {value:g} in `{n.name}` mean that the value is missing?",
            )


def coded(n: Numbers) -> Iterator[tuple[float, int]]:
    """Values at either end that look like codes, with their counts."""
    for end in (0, -1):
        if len(n.distinct) < 4:
            return
        value, times = float(n.distinct[end]), int(n.counts[end])
        if times < FEWEST or times > MOST * len(n.known):
            continue
        rest = n.known[n.known != value]
        _, spread = robust(rest)
        nearest = float(n.distinct[1] if end == 0 else n.distinct[-2])
        nines = NINES.fullmatch(f"{value:.0f}") and value == round(value)
        if (nines and abs(value - nearest) > APART * 1.349 * spread) or (
            end == 0 and value == -1 and nearest >= 0 and len(n.distinct) > 10
        ):
            yield value, times


def example() -> Look:
    """Sensors that write -999 when they are silent."""
    columns = examples.noise(400)
    columns["temperature"] = np.where(np.arange(400) % 25 == 0, -999.0, 20 + columns["x0"])
    return examples.look(columns)


def clean() -> Look:
    """Grades that end at 99."""
    columns = examples.noise(400)
    columns["points"] = np.clip(np.round(80 + 12 * columns["x0"]), 0, 99)
    return examples.look(columns)


CARD = CheckCard(
    code="A404",
    question="Do numbers such as -999 stand for missing?",
    reads="structure",
    run=run,
    example=example,
    clean=clean,
    severity="warn",
    rule="the lowest or highest value, at least three times, made of nines and more than three interquartile ranges from the rest, or -1 where nothing else is negative",
    false_alarms=0.001,
    does="kept; a question",
    applies=applies.kinds("number"),
)
