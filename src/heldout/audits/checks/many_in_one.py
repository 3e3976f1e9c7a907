"""Cells that hold lists: "red;green" and "green;red" are two levels."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import applies, examples
from heldout.audits.cells import levels
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.core.names import count

MARKS = (";", "|", ",", "/")
SHARE, FEWER, FEWEST = 0.3, 0.5, 10


def run(look: Look) -> Iterator[Finding]:
    """Cells with a mark between parts, and far fewer parts than levels."""
    for words in levels(look, "category", "text", ignored=True):
        for mark in MARKS:
            parted = [i for i, w in enumerate(words.levels) if mark in w]
            if len(parted) < FEWEST or words.counts[parted].sum() < SHARE * words.filled:
                continue
            parts = {p.strip().lower() for w in words.levels for p in w.split(mark)}
            if len(parts) < FEWER * len(words.levels) and not any(len(p) > 40 for p in parts):
                yield Finding(
                    "A427",
                    "many_in_one",
                    "note",
                    f'`{words.name}`: lists divided by "{mark}": {count(len(words.levels))} '
                    f"different cells made of {count(len(parts))} parts",
                    (words.name,),
                    {"levels": len(words.levels), "parts": len(parts), "mark": mark},
                    "as whole cells most lists are seen once, and what they share is lost",
                    "each whole cell is a level",
                    "a column of yes and no for each common part says more",
                )
                break


def example() -> Look:
    """Genres."""
    rng = np.random.default_rng(0)
    kinds = np.array(["drama", "comedy", "action", "crime", "horror", "family"], dtype=object)
    cells = ["|".join(kinds[rng.random(6) < 0.4]) or "none" for _ in range(300)]
    return examples.look({**examples.noise(300), "genres": np.array(cells, dtype=object)})


CARD = CheckCard(
    code="A427",
    question="Do cells hold lists?",
    reads="structure",
    run=run,
    example=example,
    severity="note",
    rule="a mark in 30 % of the cells, and the parts are fewer than half of the levels",
    false_alarms=0.0,
    does="each whole cell is a level",
    applies=applies.kinds("category", "text"),
)
