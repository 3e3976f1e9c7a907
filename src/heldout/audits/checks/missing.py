"""How much is missing, column by column."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import examples
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.core.names import count

MUCH, NEARLY_ALL = 0.5, 0.95


def run(look: Look) -> Iterator[Finding]:
    """A note above one half, a warning above 95 %."""
    rows = look.table.rows
    for column in look.table.schema.inputs:
        nulls = min(column.nulls, rows)
        if rows == 0 or column.distinct == 0 or nulls <= MUCH * rows:
            continue
        yield Finding(
            "A104",
            "missing",
            "warn" if nulls > NEARLY_ALL * rows else "note",
            f"`{column.name}`: missing in {count(nulls)} of {count(rows)} rows",
            (column.name,),
            {"missing": nulls, "share": nulls / rows},
            "a gap may itself say something: why it is missing decides whether that holds later",
            "the gap is a value of its own",
            "find out when this column is filled, before or after the outcome",
            f"--drop {column.name}",
        )


def example() -> Look:
    """A column with one value in fifty."""
    columns = examples.noise(500)
    columns["rarely"] = np.where(np.arange(500) % 50 == 0, 1.5 + np.arange(500), np.nan)
    return examples.look(columns)


CARD = CheckCard(
    code="A104",
    question="Is much of a column missing?",
    reads="structure",
    run=run,
    example=example,
    severity="warn",
    rule="above one half a note, above 95 % a warning",
    false_alarms=0.0,
    does="the gap is a value of its own",
)
