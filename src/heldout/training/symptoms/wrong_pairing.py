"""Last layer, loss and target do not fit together."""

from __future__ import annotations

from collections.abc import Iterable

from heldout.training.diagnosis.evidence import Evidence
from heldout.training.diagnosis.finding import Remedy, Seen, SymptomCard


def run(evidence: Evidence) -> Iterable[Seen]:
    """Nothing was trained."""
    for what, why, do in evidence.design.mismatches:
        yield Seen(what, (), {}, "block", why, (Remedy(do),))


CARD = SymptomCard(
    code="N124",
    question="Do last layer, loss and target fit?",
    rule="see heldout.training.diagnosis.pairing",
    cause="the loss compares other things than the layer gives",
    remedies=("the table of tasks: heldout learn loss",),
    run=run,
)
