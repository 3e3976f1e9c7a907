"""So few steps an epoch that training does not get on (X-057)."""

from __future__ import annotations

from collections.abc import Iterable

from heldout.training.diagnosis.evidence import Evidence
from heldout.training.diagnosis.finding import Remedy, Seen, SymptomCard

STEPS, ROWS = 4, 64


def run(evidence: Evidence) -> Iterable[Seen]:
    """Only where the steps did not suffice."""
    design, fitted = evidence.design, evidence.fitted
    if not evidence.finite or design.steps >= STEPS or design.batch < ROWS or len(fitted) < 6:
        return
    if evidence.fell > 0.05 and evidence.late < 0.1:
        return
    yield Seen(
        f"{design.steps} steps an epoch",
        (),
        {"batch": design.batch, "steps": design.steps},
        "warn",
        "",
        (Remedy("a batch of 32", {"batch": 32.0}),),
    )


CARD = SymptomCard(
    code="N120",
    question="Is the batch too large?",
    rule=(
        "fewer than 4 steps an epoch from at least 64 rows a step, and the training has"
        " not converged or not begun"
    ),
    cause="each epoch is a few steps only: dearer steps, fewer of them",
    remedies=(
        "more epochs",
        "a higher learning rate, in proportion to the batch, with warm-up",
    ),
    run=run,
    source="Keskar et al. 2017; Goyal et al. 2017",
)
