"""Loss or weights became NaN or infinite (DIAG-07)."""

from __future__ import annotations

from collections.abc import Iterable

from heldout.training.diagnosis.evidence import Evidence
from heldout.training.diagnosis.finding import Remedy, Seen, SymptomCard


def run(evidence: Evidence) -> Iterable[Seen]:
    """What the engine found when it replayed the epoch."""
    if evidence.stopped != "not finite" or evidence.facts.broken:
        return
    rate = evidence.design.rate
    said = evidence.notes[-1] if evidence.notes else "the loss is no longer finite"
    lower = Remedy(f"lower the learning rate: {rate / 10:.2g}", {"learning_rate": rate / 10})
    where = (evidence.blame,) if evidence.blame else ()
    yield Seen(said, where, {"learning_rate": rate}, "block", "", (lower,))


CARD = SymptomCard(
    code="N101",
    question="Does training end in NaN or infinity?",
    rule="a loss or weight that is not a finite number",
    cause=(
        "steps grew until numbers overflowed: exploding gradients, or a learning rate "
        "that is too high"
    ),
    remedies=(
        (
            "clip the gradients by their norm: clipnorm=1 keeps their direction "
            "(clipping by value does not)"
        ),
        "penalize large weights (L2)",
        "batch normalization between the layers",
        "not a smaller batch: it makes gradients noisier (X-063)",
    ),
    run=run,
    source="Pascanu, Mikolov and Bengio 2013",
)
