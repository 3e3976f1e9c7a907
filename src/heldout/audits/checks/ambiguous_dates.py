"""Dates of which no cell says whether the day or the month comes first."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import applies, examples
from heldout.audits.finding import CheckCard, Finding, Look


def run(look: Look) -> Iterator[Finding]:
    """Reading had to guess."""
    for column in look.table.schema.inputs:
        if column.kind == "date" and "a guess" in column.reason:
            yield Finding(
                "A461",
                "ambiguous_dates",
                "warn",
                f"`{column.name}`: day before month is a guess, no day is beyond 12",
                (column.name,),
                {"formats": list(column.formats)},
                "the third of April and the fourth of March are a month apart",
                "read with the day first",
                "write dates as 2026-11-23 in the file",
                question=f"Does the day come first in `{column.name}`?",
            )


def example() -> Look:
    """As reading says it."""
    day = np.datetime64("2023-01-01") + np.arange(200).astype("timedelta64[D]")
    return examples.look(
        {**examples.noise(200), "day": day},
        day="dates (day before month: a guess, no day is beyond 12)",
    )


CARD = CheckCard(
    code="A461",
    question="Is it certain which number is the day?",
    reads="structure",
    run=run,
    example=example,
    severity="warn",
    rule="both orders fit every cell",
    false_alarms=0.0,
    does="read with the day first; a question",
    applies=applies.kinds("date"),
)
