"""Equal inputs with different answers: a ceiling for any model (X-065)."""

from __future__ import annotations

from collections.abc import Iterable

from heldout.training.diagnosis.evidence import Evidence
from heldout.training.diagnosis.finding import Seen, SymptomCard

CEILING, LOW = 0.99, 0.9


def run(evidence: Evidence) -> Iterable[Seen]:
    """Counted on training rows."""
    facts = evidence.facts
    if facts.ceiling >= CEILING:
        return
    of = "R2" if facts.kind == "numbers" else "accuracy"
    yield Seen(
        f"{facts.conflicting} rows share their inputs with a row of another answer: no model fits"
        f" better than {of} {facts.ceiling:.3f}",
        (),
        {"ceiling": facts.ceiling, "rows": facts.conflicting},
        "warn" if facts.ceiling < LOW else "note",
    )


CARD = SymptomCard(
    code="N121",
    question="How well can any model fit these rows?",
    rule="the best accuracy (R2) that equal inputs allow is below 0.99; below 0.9 it warns",
    cause="no function gives two answers to one input",
    remedies=(
        "another input that tells such rows apart",
        "check how the labels came about",
    ),
    run=run,
)
