"""Sigmoid or tanh units at their ends, where they have no slope (DIAG-09, X-061)."""

from __future__ import annotations

from collections.abc import Iterable

from heldout.training.diagnosis.evidence import Evidence
from heldout.training.diagnosis.finding import Seen, SymptomCard

SHARE = 0.5


def run(evidence: Evidence) -> Iterable[Seen]:
    """At the end of training."""
    if not evidence.looks:
        return
    for heard in evidence.looks[-1].heard:
        if heard.saturated >= SHARE and not heard.last:
            yield Seen(
                f"{heard.saturated:.0%} of the outputs of {heard.layer} ({heard.activation}) are saturated",
                (heard.layer,),
                {"saturated": heard.saturated},
            )


CARD = SymptomCard(
    code="N107",
    question="Are sigmoid or tanh units saturated?",
    rule=(
        "at least half of a hidden layer's outputs lie where the slope is below a "
        "twentieth of the steepest"
    ),
    cause="the slope of a sigmoid is 0.25 in the middle and 4.5e-5 at 10: nothing passes back",
    remedies=(
        "scale the inputs to mean 0 and deviation 1",
        "Glorot initial weights",
        "batch normalization before the activation",
        "ReLU or ELU",
        "a lower learning rate",
    ),
    run=run,
    source="Glorot and Bengio 2010",
)
