"""Tables that somebody wrote down as a list of all combinations, not recorded one by one."""

from __future__ import annotations

import numpy as np

from heldout.tables.table import Table

MOST_LEVELS, FILLED = 30, 0.95  # of a column; of the combinations that have a row


def designed(table: Table) -> bool:
    """Whether the rows are (nearly) all combinations of a few levels, each once: an enumeration.

    Its order is that of whoever listed it, by the columns, and says nothing of time: the last
    stretch holds values that the first does not have, so that a model there is asked to guess.
    """
    inputs = [c for c in table.schema.inputs if c.kind in ("number", "category", "boolean")]
    inputs = [c for c in inputs if 1 < c.distinct <= MOST_LEVELS]
    combinations = 1.0
    for column in inputs:
        combinations *= column.distinct
    if len(inputs) < 2 or not FILLED * combinations <= table.rows <= combinations:
        return False
    codes = np.zeros(table.rows, dtype=np.int64)
    for values in table.arrays([c.name for c in inputs]).values():
        distinct, place = np.unique(values.astype(str), return_inverse=True)
        codes = codes * len(distinct) + place
    return len(np.unique(codes)) >= FILLED * table.rows
