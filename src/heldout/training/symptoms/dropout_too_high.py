"""Dropout holds back more than it helps."""

from __future__ import annotations

from collections.abc import Iterable

from heldout.training.diagnosis.evidence import Evidence
from heldout.training.diagnosis.finding import Remedy, Seen, SymptomCard

HALF, FELL, HELD_BACK = 0.5, 0.3, 0.25


def run(evidence: Evidence) -> Iterable[Seen]:
    """The loss during training has dropout in it, that of validation has not."""
    rate = evidence.design.dropout
    if rate <= HALF or not evidence.finite or len(evidence.running) < 3:
        return
    held, penalty = evidence.validation, evidence.looks[-1].penalty if evidence.looks else 0.0
    back = (evidence.running[-1] - penalty - held[-1]) / evidence.null if held else 0.0
    if evidence.fell >= FELL and back <= HELD_BACK:
        return
    yield Seen(
        f"dropout {rate:g}: training loss fell by {evidence.fell:.0%} of knowing nothing",
        (),
        {"dropout": rate, "held back by": back},
        "warn",
        "",
        (Remedy("dropout 0.2 to 0.5", {"dropout": 0.3}),),
    )


CARD = SymptomCard(
    code="N126",
    question="Is the dropout rate too high?",
    rule=(
        "a rate above one half, and the training loss as in prediction fell by less "
        "than 0.3 of the null loss, or the loss during training is 0.25 of it above the"
        " validation loss"
    ),
    cause="with most units away in each step, what is left is too small to learn with",
    remedies=("fewer units instead, where it overfits without",),
    run=run,
    source="Srivastava et al. 2014",
)
