"""Rows without a target: they can neither teach nor score."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import examples
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.core.names import plural


def run(look: Look) -> Iterator[Finding]:
    """Counts what reading found empty in the target."""
    assert look.task is not None
    column = look.table.schema[look.task.target]
    if column.nulls:
        yield Finding(
            "A201",
            "target_missing",
            "warn",
            f"`{column.name}`: missing in {plural(column.nulls, 'row')}",
            (column.name,),
            {"missing": column.nulls},
            "if the target is missing for a reason, the rest is not a fair sample of all",
            "these rows are left out",
            "find out why it is missing",
        )


def example() -> Look:
    """Ten rows without a target."""
    rng = np.random.default_rng(0)
    y = rng.normal(size=200)
    made = examples.look(examples.noise(200), y)
    column = made.table.schema["y"].replace(nulls=10)
    table = made.table.with_schema(made.table.schema.update({"y": column}))
    return examples.with_table(made, table)


CARD = CheckCard(
    code="A201",
    question="Is the target missing in some rows?",
    reads="target",
    run=run,
    example=example,
    severity="warn",
    rule="any row without a target",
    false_alarms=0.0,
    does="these rows are left out",
)
