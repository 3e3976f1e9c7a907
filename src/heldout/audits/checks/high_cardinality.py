"""Categories with so many levels that each has few rows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import applies, examples
from heldout.audits.cells import levels
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.core.names import count

LEVELS, ROWS = 50, 5


def run(look: Look) -> Iterator[Finding]:
    """More than 50 levels, half of them in fewer than five rows."""
    for words in levels(look):
        middle = float(np.median(words.counts)) if len(words.counts) else 0.0
        if len(words.levels) > LEVELS and middle < ROWS:
            rare = int((words.counts < ROWS).sum())
            yield Finding(
                "A424",
                "high_cardinality",
                "note",
                f"`{words.name}`: {count(len(words.levels))} levels, {count(rare)} of them in "
                "fewer than five rows",
                (words.name,),
                {"levels": len(words.levels), "rare": rare, "median_rows": middle},
                "of a level with few rows a model can only learn by heart",
                "rare levels are one level; the target's mean by level is learned inside each fold",
                "a coarser column (region instead of town) often says more",
                f"--drop {words.name}",
            )


def example() -> Look:
    """Three hundred towns in nine hundred rows."""
    rng = np.random.default_rng(0)
    names = np.array([f"town {i}" for i in range(300)], dtype=object)
    return examples.look({**examples.noise(900), "town": rng.choice(names, 900)})


CARD = CheckCard(
    code="A424",
    question="Does a category have too many levels?",
    reads="structure",
    run=run,
    example=example,
    severity="note",
    rule="more than 50 levels, and the middle one in fewer than five rows",
    false_alarms=0.0,
    does="rare levels are one level; target means are learned inside each fold",
    applies=applies.kinds("category"),
    source="Micci-Barreca 2001",
)
