"""Columns of training that production does not have."""

from __future__ import annotations

from collections.abc import Iterator

from heldout.audits import examples
from heldout.audits import production as here
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.core.names import plural


def run(look: Look) -> Iterator[Finding]:
    """Every input column must be there, and filled."""
    made = here.production(look)
    names = set(made.schema.names)
    lost = [c.name for c in look.table.schema.inputs if c.name not in names]
    empty = [
        c.name
        for c in look.table.schema.inputs
        if c.name in names and c.distinct and not made.schema[c.name].distinct
    ]
    for columns, told in ((lost, "not there"), (empty, "never filled there")):
        if columns:
            yield Finding(
                "A601",
                "production_columns",
                "warn",
                f"{', '.join(f'`{n}`' for n in columns[:6])}: {told}, in "
                f"{plural(made.rows, 'row')} of production",
                tuple(columns),
                {"columns": columns, "rows": made.rows},
                "what is not known when you predict cannot help to predict",
                "kept",
                "leave them out, or find out how they will be known",
                f"--drop {','.join(columns)}",
            )


def example() -> Look:
    """One column is gone."""
    columns = examples.noise(300)
    later = {n: v for n, v in examples.noise(300, seed=1).items() if n != "x3"}
    return examples.beside(examples.look(columns, columns["x0"]), examples.table(later))


CARD = CheckCard(
    code="A601",
    question="Does production have every column?",
    reads="production",
    run=run,
    example=example,
    severity="warn",
    rule="an input column is missing, or empty in every row",
    false_alarms=0.0,
    does="kept; --drop leaves it out",
    applies=here.needed,
)
