"""ReLU units that are 0 on every row (DIAG-08, X-064)."""

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
        if heard.units >= 4 and heard.dead >= SHARE and not heard.last:
            yield Seen(
                f"{heard.dead:.0%} of the {heard.units} ReLU units of {heard.layer} are dead",
                (heard.layer,),
                {"dead": heard.dead, "before training": _before(evidence, heard.layer)},
            )


def _before(evidence: Evidence, layer: str) -> float:
    return next((h.dead for h in evidence.looks[0].heard if h.layer == layer), 0.0)


CARD = SymptomCard(
    code="N106",
    question="Are ReLU units dead?",
    rule="at the end at least half of a layer's units (4 or more) are 0 on all rows looked at",
    cause="where output and gradient are 0 on every row, nothing can bring the unit back",
    remedies=(
        "leaky or parametric ReLU, or ELU (slower)",
        "a lower learning rate: long steps push units over the edge",
        "He initial weights, biases of 0",
    ),
    run=run,
    source="Maas, Hannun and Ng 2013; He et al. 2015",
)
