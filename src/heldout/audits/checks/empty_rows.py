"""Rows in which nearly every cell is missing."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import examples
from heldout.audits.cells import of_rows, rows_of, sampled, share_of
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.audits.watch import watch
from heldout.tables import unnamed

SHARE, COLUMNS, MOST = 0.9, 5, 0.5


def run(look: Look) -> Iterator[Finding]:
    """At least 90 % of five or more inputs are missing; in at most half of the rows."""
    names = [c.name for c in look.table.schema.inputs if c.kind != "image"]
    if len(names) < COLUMNS or not any(look.table.schema[n].nulls for n in names):
        return
    gaps = np.zeros(rows_of(look), dtype=np.int64)
    for name in names:
        watch(look)
        gaps += unnamed.column(sampled(look).frame, name).is_null().to_numpy()
    empty = int((gaps >= SHARE * len(names)).sum())
    if 0 < empty <= MOST * len(gaps):
        yield Finding(
            "A443",
            "empty_rows",
            "warn",
            f"{share_of(empty, len(gaps))} of {of_rows(look)} are nearly empty",
            (),
            {"rows": empty},
            "an empty row has no inputs to predict from, and is not a fair sample of the full ones",
            "kept",
            "remove rows that were never filled, and find out why they are there",
        )


def example() -> Look:
    """Five empty lines at the end."""
    columns = examples.noise(200, 6)
    return examples.look({n: np.where(np.arange(200) > 194, np.nan, v) for n, v in columns.items()})


CARD = CheckCard(
    code="A443",
    question="Are rows nearly empty?",
    reads="structure",
    run=run,
    example=example,
    severity="warn",
    rule="at least 90 % of five or more input columns missing",
    false_alarms=0.0,
    does="kept",
)
