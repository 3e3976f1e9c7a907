"""Columns that the model does not miss when they are shuffled."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from heldout.audits import examples
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.core.names import plural

SHOWN, FEWEST, SHARE = 6, 3, 0.5


def run(look: Look) -> Iterator[Finding]:
    """The interval of the importance does not lie above 0; three columns and half of all."""
    assert look.trained is not None
    known = [(n, low) for n, _, low, _ in look.trained.importance if low is not None]
    found = [n for n, low in known if low <= 0]
    if len(found) < max(FEWEST, SHARE * len(known)):
        return
    told = ", ".join(f"`{n}`" for n in found[:SHOWN])
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    yield Finding(
        "A703",
        "useless_columns",
        "note",
        f"{plural(len(found), 'column')} of {len(known)} are not missed when shuffled: {told}{more}",
        tuple(n for n in found if n in look.table.schema),
        {"columns": found},
        "each column must be gathered, checked and kept the same for as long as the model is used",
        "kept: columns that say the same hide each other",
        "try a run without them: if the score stays, so may they",
        f"--drop {','.join(found)}",
    )


def example() -> Look:
    """Four of five are not missed."""
    made = examples.with_training(examples.clean(200))
    assert made.trained is not None
    rows = [("x0", 0.2, 0.1, 0.3)] + [(f"x{i}", 0.0, -0.1, 0.1) for i in range(1, 5)]
    return dataclasses.replace(
        made, trained=dataclasses.replace(made.trained, importance=tuple(rows))
    )


CARD = CheckCard(
    code="A703",
    question="Which columns are not missed?",
    reads="trained",
    run=run,
    example=example,
    severity="note",
    rule="the 95 % interval of the importance holds 0, for three columns and half of all",
    false_alarms=0.0,
    does="kept",
    source="Breiman 2001; Fisher, Rudin and Dominici 2019",
)
