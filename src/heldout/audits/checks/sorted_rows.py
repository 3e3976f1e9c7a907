"""Files that are sorted by a column."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import examples
from heldout.audits.cells import array
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.audits.shallow import as_numbers
from heldout.audits.watch import watch
from heldout.core.arrays import Array
from heldout.tables.schema import Column

SHARE, DISTINCT, FEWEST = 0.999, 10, 50


def run(look: Look) -> Iterator[Finding]:
    """Neighbours in order in 99.9 % of the rows, over at least ten different values."""
    found = []
    for column in look.table.schema.inputs:
        watch(look)
        if column.kind in ("number", "date") and rises(array(look, column.name), column):
            found.append(column.name)
    if found:
        told = ", ".join(f"`{n}`" for n in found[:5])
        yield Finding(
            "A441",
            "sorted_rows",
            "note",
            f"the rows are sorted by {told}",
            tuple(found),
            {"columns": found},
            "sorting moves every row next to those that are like it",
            "rows are drawn at random, whatever their order, unless --time says otherwise",
            f"if {told} is the time of each row: --time {found[0]}",
        )


def rises(values: Array, column: Column) -> bool:
    """Whether a column only rises, or only falls, from row to row."""
    if column.kind not in ("number", "date") or column.distinct < DISTINCT:
        return False
    x = as_numbers(values, column)
    steps = np.diff(x[~np.isnan(x)])
    if len(steps) < FEWEST or not steps.any():
        return False
    return bool(max((steps >= 0).mean(), (steps <= 0).mean()) >= SHARE)


def example() -> Look:
    """By amount."""
    columns = examples.noise(200)
    columns["amount"] = np.sort(columns["x0"])
    return examples.look(columns)


CARD = CheckCard(
    code="A441",
    question="Is the file sorted by a column?",
    reads="structure",
    run=run,
    example=example,
    severity="note",
    rule="99.9 % of the neighbors in order, at least ten different values",
    false_alarms=0.0,
    does="rows are drawn at random, unless --time says otherwise",
)
