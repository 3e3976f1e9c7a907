"""Columns in which one value is nearly everywhere."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import examples
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.audits.shallow import is_missing
from heldout.audits.singles import values_of
from heldout.audits.watch import watch
from heldout.core.names import count

SHARE, FEWEST = 0.999, 30


def run(look: Look) -> Iterator[Finding]:
    """One value in at least 99.9 % of the rows, and fewer than 30 others."""
    rows = look.table.rows
    for column in look.table.schema.inputs:
        watch(look)
        if rows < 2 or column.distinct < 2 or column.distinct > FEWEST or column.kind == "image":
            continue
        values = values_of(look, column.name)
        known = values[~is_missing(values, column)]
        _, counts = np.unique(
            known.astype(str) if known.dtype == object else known, return_counts=True
        )
        others = rows - int(counts.max(initial=0))
        if counts.max(initial=0) >= SHARE * rows and others < FEWEST:
            yield Finding(
                "A105",
                "near_constant",
                "note",
                f"`{column.name}`: the same in all but {count(others)} of {count(rows)} rows",
                (column.name,),
                {"others": others},
                "so few other rows can say little, and may all lie in one fold",
                "kept",
                "",
                f"--drop {column.name}",
            )


def example() -> Look:
    """Two rows in 3,000 differ."""
    columns = examples.noise(3000)
    columns["flag"] = (np.arange(3000) < 2).astype(np.float64)
    return examples.look(columns)


CARD = CheckCard(
    code="A105",
    question="Is a column the same in nearly every row?",
    reads="structure",
    run=run,
    example=example,
    severity="note",
    rule="one value in 99.9 % of the rows and fewer than 30 others",
    false_alarms=0.0,
    does="kept",
)
