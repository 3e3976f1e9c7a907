"""Numbers to be predicted that are far from 1."""

from __future__ import annotations

from collections.abc import Iterable

from heldout.training.diagnosis.evidence import Evidence
from heldout.training.diagnosis.finding import Seen, SymptomCard

LARGE, SMALL = 50.0, 0.005


def run(evidence: Evidence) -> Iterable[Seen]:
    """Of the training rows."""
    facts = evidence.facts
    if facts.kind != "numbers" or SMALL <= facts.target_scale <= LARGE:
        return
    size = facts.target_scale
    yield Seen(f"the target's root mean square is {size:.3g}", (), {"size": size})


CARD = SymptomCard(
    code="N109",
    question="Is the target of a regression scaled?",
    rule="its root mean square is above 50 or below 0.005",
    cause="the last layer must grow to the size of the target first, and gradients grow with it",
    remedies=(
        ("predict (target - mean) / deviation of the training rows and turn it back afterwards"),
    ),
    run=run,
)
