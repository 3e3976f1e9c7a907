"""Skewed columns: a few large values, and an average that describes nobody."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import applies, examples
from heldout.audits.cells import numbers
from heldout.audits.finding import CheckCard, Finding, Look

SKEW, FEWEST, DISTINCT = 3.0, 100, 20


def run(look: Look) -> Iterator[Finding]:
    """Skewness beyond 3 either way."""
    for n in numbers(look, FEWEST):
        spread = float(n.known.std())
        if spread == 0 or not np.isfinite(spread) or len(n.distinct) < DISTINCT:
            continue
        skew = float((((n.known - n.known.mean()) / spread) ** 3).mean())
        if abs(skew) < SKEW:
            continue
        middle = float(np.median(n.known))
        yield Finding(
            "A402",
            "long_tail",
            "note",
            f"`{n.name}`: a long tail (skewness {skew:.1f}): half of the values lie "
            f"{'below' if skew > 0 else 'above'} {middle:g}, the mean is {n.known.mean():.4g}",
            (n.name,),
            {"skewness": skew, "median": middle, "mean": float(n.known.mean())},
            "an average over it says little, and straight lines follow the few large values",
            "trees do not mind; linear models and networks get it bent as well as straight",
            "read the median, not the mean",
        )


def example() -> Look:
    """Incomes."""
    columns = examples.noise(500)
    columns["income"] = np.exp(1.5 * columns["x0"] + 8)
    return examples.look(columns)


CARD = CheckCard(
    code="A402",
    question="Is a column skewed?",
    reads="structure",
    run=run,
    example=example,
    severity="note",
    rule="skewness beyond 3",
    false_alarms=0.01,
    does="linear models and networks get it bent as well as straight",
    applies=applies.kinds("number"),
)
