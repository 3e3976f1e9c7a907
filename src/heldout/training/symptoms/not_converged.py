"""Still falling when it ended (DIAG-11)."""

from __future__ import annotations

from collections.abc import Iterable

from heldout.training.diagnosis.evidence import Evidence
from heldout.training.diagnosis.finding import Remedy, Seen, SymptomCard

SHARE = 1 / 7


def run(evidence: Evidence) -> Iterable[Seen]:
    """Both curves must still fall."""
    fitted, held = evidence.fitted, evidence.validation
    if not evidence.finite or len(fitted) < 6 or evidence.stopped == "patience":
        return
    tail = max(2, len(fitted) // 5)
    if evidence.late < SHARE:
        return
    if held and evidence.border < len(held) - max(1, tail // 2):
        return
    more = 3 * (len(fitted) - 1)
    yield Seen(
        f"the last {tail} epochs brought {evidence.late:.0%} of all progress",
        (),
        {"share": evidence.late},
        "warn",
        "",
        (Remedy(f"run longer: {more} epochs, with early stopping", {"epochs": more}),),
    )


CARD = SymptomCard(
    code="N118",
    question="Has it converged?",
    rule=(
        "the last fifth of the epochs (two at least) brought more than a seventh of all"
        " that the training loss fell, and the validation loss is still at its lowest"
    ),
    cause="the training was ended before it was done",
    remedies=("a higher learning rate",),
    run=run,
)
