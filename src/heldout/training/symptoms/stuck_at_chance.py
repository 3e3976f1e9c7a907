"""The training loss stays where knowing nothing would be (DIAG-01)."""

from __future__ import annotations

from collections.abc import Iterable

from heldout.training.diagnosis.evidence import Evidence
from heldout.training.diagnosis.finding import Remedy, Seen, SymptomCard

NOTHING, LITTLE, KNOWN = 0.02, 0.05, 0.2


def run(evidence: Evidence) -> Iterable[Seen]:
    """It can always be solved: a few rows can be learned by heart unless they contradict."""
    if not evidence.finite or not evidence.history or len(evidence.fitted) < 3:
        return
    limit = LITTLE if evidence.facts.skill > KNOWN else NOTHING
    if evidence.fell >= limit:
        return
    seen = {"loss": evidence.fitted[-1], "null loss": evidence.null}
    rates, memory = evidence.rates, evidence.memory
    first: tuple[Remedy, ...] = ()
    if rates is not None and rates.advised == rates.advised:
        words = f"learning rate {rates.advised:.2g}: there the loss falls in a range test"
        first = (Remedy(words, {"learning_rate": rates.advised}),)
    if memory is not None:
        seen["learned by heart"] = memory.reached
    yield Seen(
        f"the training loss is {evidence.fitted[-1]:.4g}, that of the best constant"
        f" {evidence.null:.4g}",
        (),
        seen,
        "warn",
        "",
        first,
    )


CARD = SymptomCard(
    code="N114",
    question="Does training start at all?",
    rule=(
        "at the end less than 2 % of the null loss is gone on training rows (5 % where "
        "a learner of another kind explains a fifth)"
    ),
    cause=(
        "steps of the wrong length, units without a gradient, or inputs that say "
        "nothing of the target"
    ),
    remedies=(
        "the learning rate, down and up: a range test shows where the loss falls",
        "then a larger batch",
        "check a few rows by hand: do inputs and labels still belong together?",
    ),
    run=run,
)
