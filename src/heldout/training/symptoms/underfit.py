"""Training and validation both stay high (DIAG-03, DIAG-05)."""

from __future__ import annotations

from collections.abc import Iterable

from heldout.training.diagnosis.evidence import Evidence
from heldout.training.diagnosis.finding import Seen, SymptomCard

MORE, GAP, BEGUN, LATE = 0.15, 0.1, 0.05, 1 / 7
PLAIN = (
    0.05  # more of other rows than the network of its own: no chance of validation rows is in it
)


def run(evidence: Evidence) -> Iterable[Seen]:
    """What could be reached is told by another learner; without one nothing is said."""
    facts, answers = evidence.facts, evidence.answers
    if answers is None or not evidence.finite or not evidence.history or evidence.fell < BEGUN:
        return
    if evidence.late >= LATE:  # not done yet
        return
    behind = facts.skill > answers.skill_held + MORE and answers.skill <= answers.skill_held + GAP
    if not behind and not facts.skill > answers.skill + PLAIN:
        return
    seen = {
        "training": answers.skill,
        "validation": answers.skill_held,
        "other learner": facts.skill,
    }
    memory = evidence.memory
    if memory is not None:
        seen["learned by heart"] = memory.reached
    yield Seen(
        f"explains {answers.skill:.0%} of the training rows and {answers.skill_held:.0%} of"
        f" the validation rows; another learner {facts.skill:.0%}",
        (),
        seen,
    )


CARD = SymptomCard(
    code="N113",
    question="Does the network underfit?",
    rule=(
        "a quick learner of another kind explains 0.15 more of the validation rows and "
        "training is no better than validation, or it explains 0.05 more of them than the network "
        "of its own training rows; and the loss no longer falls"
    ),
    cause="the network is too small, too restrained or of the wrong kind for what is in the data",
    remedies=(
        "more layers",
        "more units a layer",
        "a kind of layer that suits the data (convolution, recurrence, attention)",
        "less dropout and smaller penalties",
        "more epochs",
    ),
    run=run,
)
