"""Infinities, and numbers too large for the models."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import applies, examples
from heldout.audits.cells import numbers, of_rows, share_of
from heldout.audits.finding import CheckCard, Finding, Look

LARGEST = float(np.finfo(np.float32).max)


def run(look: Look) -> Iterator[Finding]:
    """Any of them."""
    for n in numbers(look, 0):
        bad = int((np.abs(n.values) > LARGEST).sum())
        if bad:
            yield Finding(
                "A410",
                "infinite",
                "warn",
                f"`{n.name}`: {share_of(bad, len(n.values))} of {of_rows(look)} are infinite, "
                "or too large for a 32-bit number",
                (n.name,),
                {"rows": bad},
                "an infinity is the trace of a division by zero, and no quantity",
                "read as missing",
                "find out where the division is",
            )


def example() -> Look:
    """A ratio with an empty denominator."""
    columns = examples.noise(200)
    columns["ratio"] = np.where(np.arange(200) % 50 == 0, np.inf, columns["x0"])
    return examples.look(columns)


CARD = CheckCard(
    code="A410",
    question="Are there infinities?",
    reads="structure",
    run=run,
    example=example,
    severity="warn",
    rule="any value beyond the largest 32-bit number",
    false_alarms=0.0,
    does="read as missing",
    applies=applies.kinds("number"),
)
