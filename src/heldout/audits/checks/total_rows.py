"""A row of sums at the end of the file."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import examples
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.tables import unnamed

WORDS = {
    "total",
    "totals",
    "grand total",
    "sum",
    "average",
    "mean",
    "subtotal",
    "gesamt",
    "summe",
    "insgesamt",
}
LAST = 3


def run(look: Look) -> Iterator[Finding]:
    """One of the last three rows says total, sum or mean, and hardly any other row does."""
    import polars as pl

    frame = look.table.frame
    for column in look.table.schema:
        if column.kind not in ("category", "text") or column.role == "target" or frame.height < 10:
            continue
        values = unnamed.column(frame, column.name)
        cells = values.tail(LAST).cast(pl.String).fill_null("").to_list()
        said = [c for c in cells if c.strip().rstrip(":").lower() in WORDS]
        if said and int((values == said[0]).sum()) <= LAST:
            yield Finding(
                "A445",
                "total_rows",
                "warn",
                f'`{column.name}`: one of the last rows says "{said[0]}"',
                (column.name,),
                {"word": said[0]},
                "a row of sums is no sample, and its values are far from all others",
                "kept",
                "remove it from the file",
            )


def example() -> Look:
    """A sum below the towns."""
    rng = np.random.default_rng(0)
    town = rng.choice(np.array(["Oslo", "Rome"], dtype=object), 200)
    town[-1] = "Total"
    return examples.look({**examples.noise(200), "town": town})


CARD = CheckCard(
    code="A445",
    question="Is there a row of sums?",
    reads="structure",
    run=run,
    example=example,
    severity="warn",
    rule="one of the last three rows says total, sum or mean, and at most three rows do",
    false_alarms=0.0,
    does="kept",
)
