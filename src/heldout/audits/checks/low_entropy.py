"""Columns that are mostly repeats: little to tell rows apart by."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import examples
from heldout.audits.cells import levels, number, rows_of
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.audits.watch import watch
from heldout.core.arrays import Array

BITS, SHOWN = 0.1, 5


def run(look: Look) -> Iterator[Finding]:
    """Less than 0.1 bit a row (a column that is one value in 98.7 % of the rows and one other)."""
    found: dict[str, float] = {}
    for words in levels(look):
        found[words.name] = entropy(np.r_[words.counts, rows_of(look) - words.filled])
    for column in look.table.schema.inputs:
        if column.kind in ("number", "boolean"):
            watch(look)
            made = number(look, column)
            found[column.name] = entropy(np.r_[made.counts, len(made.values) - len(made.known)])
    low = {n: b for n, b in found.items() if 0 < b < BITS}
    if low:
        ranked = sorted(low, key=lambda n: low[n])
        told = ", ".join(f"`{n}` ({low[n]:.2g} bits)" for n in ranked[:SHOWN])
        more = f" and {len(ranked) - SHOWN} more" if len(ranked) > SHOWN else ""
        yield Finding(
            "A453",
            "low_entropy",
            "note",
            f"nearly always the same: {told}{more}",
            tuple(ranked),
            {"bits": low},
            "a column that is mostly one value can say something about few rows only",
            "kept: the few rows may matter",
            "",
            f"--drop {','.join(ranked)}",
        )


def entropy(counts: Array) -> float:
    """Bits a row of counts; 0 where one value is all there is, 1 for two equal halves (the
    maximum for two values).

    >>> entropy(np.array([5, 5])), round(entropy(np.array([9, 1])), 6)
    (1.0, 0.468996)
    """
    p = counts[counts > 0] / max(1, counts.sum())
    return float(-(p * np.log2(p)).sum() + 0.0)


def example() -> Look:
    """One yes in two hundred."""
    columns = examples.noise(1_000)
    return examples.look({**columns, "flag": (np.arange(1_000) % 200 == 0) * 1.0})


CARD = CheckCard(
    code="A453",
    question="Is a column nearly always the same?",
    reads="structure",
    run=run,
    example=example,
    severity="note",
    rule="entropy below 0.1 bit a row",
    false_alarms=0.0,
    does="kept",
    source="Shannon 1948",
)
