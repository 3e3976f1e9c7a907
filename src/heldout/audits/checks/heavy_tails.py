"""Columns whose largest values decide every average."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import applies, examples
from heldout.audits.cells import numbers
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.stats.tails import hill

INDEX, FEWEST, DISTINCT, SHARE = 2.0, 500, 50, 0.05


def run(look: Look) -> Iterator[Finding]:
    """A tail index whose upper 99 % bound lies below 2."""
    for n in numbers(look, FEWEST):
        if len(n.distinct) < DISTINCT:
            continue
        index = hill(n.known - np.median(n.known), SHARE)
        if index * (1 + 2.33 / np.sqrt(SHARE * len(n.known))) < INDEX:
            yield Finding(
                "A403",
                "heavy_tails",
                "note",
                f"`{n.name}`: a tail so heavy (index {index:.1f}) that its variance has no meaning",
                (n.name,),
                {"tail_index": index},
                "the largest values alone decide the mean, the spread and every straight line",
                "linear models and networks get it bent and clipped as well",
                "give its logarithm, or its rank, if that is what matters",
            )


def example() -> Look:
    """Cauchy."""
    rng = np.random.default_rng(0)
    return examples.look({**examples.noise(1_000), "gain": rng.standard_cauchy(1_000)})


CARD = CheckCard(
    code="A403",
    question="Do a few values decide every average?",
    reads="structure",
    run=run,
    example=example,
    severity="note",
    rule="Hill's tail index of the outer 5 %, its upper 99 % bound below 2; at least 500 values",
    false_alarms=0.01,
    does="linear models and networks get it bent and clipped",
    applies=applies.kinds("number"),
    source="Hill 1975",
)
