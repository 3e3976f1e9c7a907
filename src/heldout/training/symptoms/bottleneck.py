"""A hidden layer narrower than the output (MODEL-21)."""

from __future__ import annotations

from collections.abc import Iterable

from heldout.training.diagnosis.evidence import Evidence
from heldout.training.diagnosis.finding import Seen, SymptomCard


def run(evidence: Evidence) -> Iterable[Seen]:
    """From the structure alone: 46 classes behind 4 units."""
    for layer, units, outputs in evidence.design.narrow:
        yield Seen(
            f"{layer} has {units} units, the output {outputs}",
            (layer,),
            {"units": units, "outputs": outputs},
        )


CARD = SymptomCard(
    code="N123",
    question="Does a layer squeeze out information?",
    rule=(
        "a hidden dense layer with fewer units than the output has, less one; autoencoders excepted"
    ),
    cause="what a narrow layer drops never comes back: later layers see only what is left",
    remedies=("at least as many units as outputs in every hidden layer",),
    run=run,
)
