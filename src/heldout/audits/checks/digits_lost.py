"""Numbers that differ only in digits which 32-bit models cannot see."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import applies, examples
from heldout.audits.cells import numbers
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.core.names import count

DISTINCT, SHARE = 20, 0.9


def run(look: Look) -> Iterator[Finding]:
    """Fewer than 90 % of the different values stay different as float32."""
    for n in numbers(look, DISTINCT):
        if len(n.distinct) < DISTINCT:
            continue
        with np.errstate(over="ignore"):
            left = len(np.unique(n.distinct.astype(np.float32)))
        if left < SHARE * len(n.distinct):
            yield Finding(
                "A409",
                "digits_lost",
                "warn",
                f"`{n.name}`: {count(len(n.distinct))} different values are {count(left)} "
                "as 32-bit numbers, which models see",
                (n.name,),
                {"distinct": len(n.distinct), "as_float32": left},
                "values that differ in the eighth digit become equal",
                "kept",
                "subtract what all values share, or give it as a date or as words: "
                f"--type {n.name}=category",
            )


def example() -> Look:
    """Seconds since 1970, all of one hour."""
    columns = examples.noise(400)
    return examples.look({**columns, "second": 1.7e9 + np.arange(400.0)})


CARD = CheckCard(
    code="A409",
    question="Do numbers differ only in digits that models cannot see?",
    reads="structure",
    run=run,
    example=example,
    severity="warn",
    rule="fewer than 90 % of the different values stay different as 32-bit numbers",
    false_alarms=0.0,
    does="kept",
    applies=applies.kinds("number"),
)
