"""Zeros where nothing else is near zero: often "not measured"."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import applies, examples
from heldout.audits.cells import numbers, of_rows, share_of
from heldout.audits.finding import CheckCard, Finding, Look

FEWEST, DISTINCT, STEPS, NEAREST, LOWEST, MOST = 3, 20, 5.0, 0.1, 50, 0.9


def run(look: Look) -> Iterator[Finding]:
    """The next value lies at five usual steps and at a tenth of the median."""
    for n in numbers(look, 30):
        if len(n.distinct) < DISTINCT or n.distinct[0] != 0:
            continue
        times, following = int(n.counts[0]), n.distinct[1:]
        step = float(np.median(np.diff(following[:LOWEST])))
        middle = float(np.median(n.known[times:])) if times < len(n.known) else 0.0
        if not FEWEST <= times <= MOST * len(n.known):
            continue
        if following[0] < STEPS * step or following[0] < NEAREST * middle:
            continue
        yield Finding(
            "A405",
            "zeros_apart",
            "note",
            f"`{n.name}`: 0 in {share_of(times, len(n.known))} of {of_rows(look)}, "
            f"and no other value below {following[0]:g}",
            (n.name,),
            {"rows": times, "next": float(following[0]), "median_of_the_rest": middle},
            "a zero that means not measured is no small value",
            "kept as 0: trees can part it from the rest",
            "empty these cells in the file if 0 means not measured",
        )


def example() -> Look:
    """Blood pressures of 0."""
    columns = examples.noise(400)
    pressure = np.round(72 + 11 * columns["x0"])
    columns["pressure"] = np.where(np.arange(400) % 20 == 0, 0.0, pressure)
    return examples.look(columns)


def clean() -> Look:
    """Counts that start at 0."""
    rng = np.random.default_rng(0)
    return examples.look({**examples.noise(400), "visits": rng.poisson(9, 400) * 1.0})


CARD = CheckCard(
    code="A405",
    question="Does 0 stand apart from all other values?",
    reads="structure",
    run=run,
    example=example,
    clean=clean,
    severity="note",
    rule="0 at least three times, and the next value at five usual steps and a tenth of the median",
    false_alarms=0.001,
    does="kept as 0",
    applies=applies.kinds("number"),
)
