"""Validation rows that stand among the training rows."""

from __future__ import annotations

from collections.abc import Iterable

from heldout.training.diagnosis.evidence import Evidence
from heldout.training.diagnosis.finding import Seen, SymptomCard

SHARE, TIMES = 0.05, 5.0


def run(evidence: Evidence) -> Iterable[Seen]:
    """Counted."""
    facts = evidence.facts
    if facts.shared_rows > SHARE and facts.shared_rows > TIMES * facts.repeated:
        yield Seen(
            f"{facts.shared_rows:.0%} of the validation rows are training rows",
            (),
            {"share": facts.shared_rows, "repeats in training": facts.repeated},
            "block",
        )


CARD = SymptomCard(
    code="N117",
    question="Are validation rows among the training rows?",
    rule=(
        "more than 5 % of the validation rows are training rows, inputs and target, and"
        " that is 5 times the share of repeats among training rows"
    ),
    cause="what was learned by heart looks like knowledge: the validation score is too good",
    remedies=(
        "split before anything is copied, augmented or resampled",
        "keep equal rows on one side (heldout does)",
    ),
    run=run,
)
