"""Fits the training rows, and nothing of it holds for others (DIAG-02)."""

from __future__ import annotations

from collections.abc import Iterable

from heldout.training.diagnosis.evidence import Evidence
from heldout.training.diagnosis.finding import Seen, SymptomCard

FELL = 0.2


def run(evidence: Evidence) -> Iterable[Seen]:
    """With what a learner of another kind reached, as evidence."""
    held, facts = evidence.validation, evidence.facts
    if (
        not evidence.finite
        or not held
        or evidence.fell < FELL
        or facts.null_held != facts.null_held
    ):
        return
    gain = 1.0 - min(held) / facts.null_held
    if gain > evidence.margin:
        return
    cause = ""
    if facts.skill == facts.skill:
        cause = (
            f"a learner of another kind reaches {facts.skill:.0%} on validation rows: the kind of"
            " this model, or its training, is wrong"
            if facts.skill > 0.1
            else "a learner of another kind finds nothing either: the inputs may lack the"
            " information, or labels are shuffled"
        )
    yield Seen(
        f"training loss fell by {evidence.fell:.0%} of knowing nothing, validation by {gain:.0%}",
        (),
        {"training": evidence.fell, "validation": gain, "other learner": facts.skill},
        "warn",
        cause,
    )


CARD = SymptomCard(
    code="N112",
    question="Does it generalize at all?",
    rule=(
        "the training loss fell by a fifth of the null loss, the validation loss never "
        "got better than the null loss beyond chance"
    ),
    cause=(
        "the inputs may lack the information, labels may be shuffled, or this kind of "
        "model is wrong for these data"
    ),
    remedies=(
        "check a few rows by hand: do inputs and labels still belong together?",
        "other or better inputs",
        "another family of models (heldout run tries several)",
    ),
    run=run,
)
