"""Adjacent layers without a nonlinearity between them (MODEL-20)."""

from __future__ import annotations

from collections.abc import Iterable

from heldout.training.diagnosis.evidence import Evidence
from heldout.training.diagnosis.finding import Seen, SymptomCard


def run(evidence: Evidence) -> Iterable[Seen]:
    """From the structure alone."""
    for first, second in evidence.design.linear:
        yield Seen(f"{first} and {second} are one linear layer", (first, second))


CARD = SymptomCard(
    code="N122",
    question="Do layers collapse into one?",
    rule=(
        "two weighted layers of one kind, one feeding the other, the first without an activation"
    ),
    cause="the product of two matrices is a matrix: both layers together can do no more than one",
    remedies=("an activation in the first of the two (relu)",),
    run=run,
)
