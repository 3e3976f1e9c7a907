"""A few rows cannot be learned by heart (DIAG-04, X-065)."""

from __future__ import annotations

from collections.abc import Iterable

from heldout.training.diagnosis.evidence import Evidence
from heldout.training.diagnosis.finding import Seen, SymptomCard


def run(evidence: Evidence) -> Iterable[Seen]:
    """The test was made by ``diagnose``."""
    memory = evidence.memory
    if memory is None or memory.reached != memory.reached or memory.passed:
        return
    yield Seen(
        f"of {memory.rows} rows alone it learned {memory.reached:.0%}, possible are"
        f" {memory.ceiling:.0%}",
        (),
        {"reached": memory.reached, "ceiling": memory.ceiling},
    )


CARD = SymptomCard(
    code="N125",
    question="Can it learn a few rows by heart?",
    rule=(
        "16 rows, 500 steps without dropout and penalties: accuracy (R2) more than 0.05"
        " below what equal inputs allow; tried only where training does not get on"
    ),
    cause=(
        "any network with a few units can hold 16 rows: it is too small, badly wired or"
        " badly trained"
    ),
    remedies=(
        "the findings above first: steps, scales, units without a gradient",
        "more units",
        "look for a layer that nothing passes (constant, detached, wrong axis)",
    ),
    run=run,
    source="Zhang et al. 2017",
)
