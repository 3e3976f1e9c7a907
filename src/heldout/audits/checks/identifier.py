"""Columns that name the row: ignored, and said."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import examples
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.splits.content import named_identifier


def run(look: Look) -> Iterator[Finding]:
    """Columns that reading found to be identifiers."""
    for column in look.table.schema:
        if column.role == "ignored" and named_identifier(column):
            yield Finding(
                "A103",
                "identifier",
                "note",
                f"`{column.name}`: {column.reason}",
                (column.name,),
                {"distinct": column.distinct},
                "a name of the row cannot carry over to other rows",
                "ignored",
                "",
                f"--keep {column.name}",
            )


def example() -> Look:
    """A column that numbers the rows."""
    columns = {**examples.noise(100), "id": np.arange(100.0)}
    return examples.look(columns, None, {"id": "ignored"}, id="identifier: different in every row")


CARD = CheckCard(
    code="A103",
    question="Is a column only a name of the row?",
    reads="structure",
    run=run,
    example=example,
    severity="note",
    rule="different in 98 % of the rows, and its name or its numbering says so",
    false_alarms=0.0,
    does="ignored; --keep overrules",
)
