"""NaN or infinity in the data themselves."""

from __future__ import annotations

from collections.abc import Iterable

from heldout.training.diagnosis.evidence import Evidence
from heldout.training.diagnosis.finding import Seen, SymptomCard


def run(evidence: Evidence) -> Iterable[Seen]:
    """Counted, nothing is inferred."""
    if evidence.facts.broken:
        where = evidence.facts.broken
        yield Seen(f"{' and '.join(where)} hold NaN or infinity", where, {}, "block")


CARD = SymptomCard(
    code="N100",
    question="Do inputs or targets hold NaN or infinity?",
    rule="any such value",
    cause="one such number makes every weight NaN in one step",
    remedies=(
        "fill missing values and scale in a step that is fitted on training rows",
        "leave such rows out",
    ),
    run=run,
)
