"""Columns with one value: they cannot tell anything."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import examples
from heldout.audits.finding import CheckCard, Finding, Look


def run(look: Look) -> Iterator[Finding]:
    """One distinct value and no gap, or nothing but gaps; one finding for all of them."""
    names = tuple(
        c.name
        for c in look.table.schema
        if c.role != "target" and (c.distinct == 0 or (c.distinct == 1 and c.nulls == 0))
    )
    if names:
        shown = ", ".join(f"`{n}`" for n in names[:5]) + (" ..." if len(names) > 5 else "")
        yield Finding(
            "A102",
            "constant",
            "note",
            f"{shown}: the same in every row",
            names,
            {"columns": len(names)},
            "a column that never changes cannot tell rows apart",
            "without effect on the model",
            "leave it out of the file, or find out why it never changes",
        )


def example() -> Look:
    """One constant column."""
    return examples.look({**examples.noise(100), "one": np.ones(100)})


CARD = CheckCard(
    code="A102",
    question="Is a column the same in every row?",
    reads="structure",
    run=run,
    example=example,
    severity="note",
    rule="one value and no gap, or nothing but gaps",
    false_alarms=0.0,
    does="without effect on the model",
)
