"""The rare class is never predicted, or every answer is the same."""

from __future__ import annotations

from collections.abc import Iterable

from heldout.training.diagnosis.evidence import Evidence
from heldout.training.diagnosis.finding import Seen, SymptomCard

RARE, RECALL, ALIKE = 0.25, 0.02, 0.01


def run(evidence: Evidence) -> Iterable[Seen]:
    """On training rows: there it is no matter of generalizing."""
    facts, answers = evidence.facts, evidence.answers
    if answers is None or not evidence.finite or not evidence.history:
        return
    if answers.spread < ALIKE:
        yield Seen(
            "every row gets the same answer",
            (),
            {"spread": answers.spread},
            "note" if evidence.fell < 0.02 else "warn",
        )
        return
    limit = RARE if len(facts.shares) == 2 else 0.5 / max(2, len(facts.shares))
    for k, (share, recall) in enumerate(zip(facts.shares, answers.recall, strict=False)):
        if 0 < share < limit and recall < RECALL:
            yield Seen(
                f"class {k} ({share:.1%} of the rows) is never predicted",
                (f"class {k}",),
                {"share": share, "recall": recall},
            )


CARD = SymptomCard(
    code="N115",
    question="Does it predict one class only?",
    rule=(
        "a class of less than a fourth of the rows (three or more classes: of its fair "
        "share) with a recall below 2 % on training rows; or all answers alike "
        "(deviation below 1 % of the target's)"
    ),
    cause=(
        "the commonest class alone gives a low loss; a threshold of one half asks for "
        "more than a rare class can have"
    ),
    remedies=(
        "class weights: Data.of(x, y, class_weight={...})",
        "a threshold chosen by the costs, not one half",
        "judge by ROC AUC or average precision instead of accuracy",
    ),
    run=run,
)
