"""Inputs far from deviation 1, or of very different sizes."""

from __future__ import annotations

from collections.abc import Iterable

from heldout.training.diagnosis.evidence import Evidence
from heldout.training.diagnosis.finding import Seen, SymptomCard

LARGE, APART = 20.0, 1_000.0


def run(evidence: Evidence) -> Iterable[Seen]:
    """Of the training rows."""
    low, high = evidence.facts.scales
    if evidence.design.normalized or not high:
        return
    if high > LARGE or high / max(low, 1e-30) > APART or high < 1.0 / APART:
        yield Seen(
            f"the sizes of input columns go from {low:.3g} to {high:.3g}",
            (),
            {"smallest": low, "largest": high},
        )


CARD = SymptomCard(
    code="N108",
    question="Are the inputs scaled?",
    rule=(
        "a column's root mean square is above 20 or they differ 1,000-fold, and the "
        "network does not scale first"
    ),
    cause="the largest column decides every step, and one learning rate cannot suit all",
    remedies=(
        "scale each column to mean 0 and deviation 1 by its training rows",
        (
            "keras.layers.Normalization (adapted on training rows) or, for pictures, "
            "Rescaling(1/255) as the first layer"
        ),
    ),
    run=run,
    source="LeCun, Bottou, Orr and Müller 1998",
)
