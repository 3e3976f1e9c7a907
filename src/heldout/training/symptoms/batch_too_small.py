"""A loss that bounces because few rows make up a step (DIAG-12)."""

from __future__ import annotations

import math
from collections.abc import Iterable

from heldout.training.diagnosis.evidence import Evidence
from heldout.training.diagnosis.finding import Remedy, Seen, SymptomCard

SMALL, ROUGH = 8, 0.008


def run(evidence: Evidence) -> Iterable[Seen]:
    """A larger batch or shorter steps both help; the batch comes first."""
    batch = evidence.design.batch
    rough = ROUGH * math.sqrt(batch / SMALL)
    if not evidence.finite or batch > SMALL or evidence.roughness <= rough:
        return
    yield Seen(
        f"with {batch} rows a step the loss bounces",
        (),
        {"batch": batch, "roughness": evidence.roughness},
        "warn",
        "",
        (Remedy("a batch of 32 or more", {"batch": 32.0}),),
    )


CARD = SymptomCard(
    code="N119",
    question="Is the batch too small?",
    rule=(
        "batches of 8 rows or fewer, and the training loss rises in a mean epoch after the first "
        "third by 0.008 of the null loss (of smaller batches by less, with the root of the batch)"
    ),
    cause="the gradient of a few rows points elsewhere than that of all",
    remedies=(
        "a lower learning rate",
        "averaged weights over the last epochs (Regime(average=0.25))",
    ),
    run=run,
    source="McCandlish et al. 2018",
)
