"""Codes that are read as quantities, by what the column is called."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import applies, examples
from heldout.audits.cells import numbers
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.audits.wording import words as words_of
from heldout.core.names import count

NAMES = {
    "code", "zip", "zipcode", "postcode", "postal", "plz", "type", "class", "subclass", "category", "region",
    "district", "store", "shop", "dept", "department", "sector", "channel", "cluster", "origin", "source",
    "warehouse", "branch", "country", "state", "station", "fips",
}  # fmt: skip
FEWEST, MOST, ROWS = 3, 1_000, 10


def run(look: Look) -> Iterator[Finding]:
    """Whole numbers of 3 to 1,000 values, ten rows each, under a name that says code."""
    found = {
        n.name: len(n.distinct)
        for n in numbers(look, 30)
        if n.column.whole
        and FEWEST <= len(n.distinct) <= MOST
        and len(n.known) >= ROWS * len(n.distinct)
        and words_of(n.name) & NAMES
    }
    if found:
        told = ", ".join(f"`{n}` ({count(k)} values)" for n, k in found.items())
        yield Finding(
            "A430",
            "codes_as_numbers",
            "note",
            f"read as quantities, named like codes: {told}",
            tuple(found),
            {"distinct": found},
            "a code has no more and no less: averages and lines over it mean nothing",
            "read as numbers; trees can part them all the same",
            "if they are codes: " + " ".join(f"--type {n}=category" for n in found),
        )


def example() -> Look:
    """Region 1 to 9."""
    rng = np.random.default_rng(0)
    return examples.look({**examples.noise(300), "region_code": rng.integers(1, 10, 300) * 1.0})


CARD = CheckCard(
    code="A430",
    question="Are codes read as quantities?",
    reads="structure",
    run=run,
    example=example,
    severity="note",
    rule="whole numbers of 3 to 1,000 values with ten rows each, and a name that says code, type, region, store ...",
    false_alarms=0.0,
    does="read as numbers",
    applies=applies.kinds("number"),
)
