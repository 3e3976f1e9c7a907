"""The weights hardly move (DIAG-01)."""

from __future__ import annotations

from collections.abc import Iterable

from heldout.training.diagnosis.evidence import Evidence
from heldout.training.diagnosis.finding import Remedy, Seen, SymptomCard

MOVED, FELL = 0.04, 0.1


def run(evidence: Evidence) -> Iterable[Seen]:
    """Small steps are told from small gradients by the distance of all weights."""
    if not evidence.finite or len(evidence.looks) < 3 or evidence.asleep:
        return
    moved, rate = evidence.looks[-1].moved, evidence.design.rate
    if moved >= MOVED or evidence.fitted[0] - evidence.fitted[-1] >= FELL * evidence.null:
        return
    rates = evidence.rates
    to = rates.advised if rates is not None and rates.advised > rate else rate * 100
    higher = Remedy(f"raise the learning rate: {to:.2g}", {"learning_rate": to})
    yield Seen(
        f"the weights moved by {moved:.2%} in {len(evidence.looks) - 1} epochs",
        (),
        {"moved": moved, "learning_rate": rate},
        "warn",
        "",
        (higher,),
    )


CARD = SymptomCard(
    code="N103",
    question="Is the learning rate too low?",
    rule=(
        "all weights together moved by less than 4 % of their norm and less than a "
        "tenth of the null loss is gone; not where units are dead or outputs too large "
        "from the start"
    ),
    cause="the steps are so short that the given epochs cannot get anywhere",
    remedies=(
        "a schedule with warm-up",
        "then a larger batch, which bears a higher rate",
        "more epochs, if time is no matter",
    ),
    run=run,
    source="Smith 2017",
)
