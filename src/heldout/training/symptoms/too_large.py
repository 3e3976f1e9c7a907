"""Overfits at once, validation loss up and down (DIAG-10)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from heldout.training.diagnosis.evidence import Evidence
from heldout.training.diagnosis.finding import Seen, SymptomCard

SHARE, ROSE, WEIGHTS = 0.1, 0.1, 10


def run(evidence: Evidence) -> Iterable[Seen]:
    """Only beside what overfitting itself says."""
    held, best = evidence.validation, evidence.border
    if not evidence.finite or len(held) < 10 or not best:
        return
    rose = (sum(held[-3:]) / 3 - held[best - 1]) / evidence.null
    ratio = evidence.design.parameters / max(1, evidence.facts.rows)
    early = best <= max(2, SHARE * len(held))
    if early and rose > max(ROSE, evidence.margin) and ratio >= WEIGHTS:
        ups = sum(b > a for a, b in pairwise(held))
        yield Seen(
            f"{evidence.design.parameters:,} weights for {evidence.facts.rows:,} rows: overfits"
            f" from epoch {best} on",
            (),
            {"weights a row": ratio, "rises": ups, "rose": rose},
        )


CARD = SymptomCard(
    code="N111",
    question="Is the network much too large for these data?",
    rule=(
        "validation loss lowest within the first tenth of at least 10 epochs, more than"
        " it rose by chance, ten weights or more a training row"
    ),
    cause="so many weights hold the rows by heart before they find what rows have in common",
    remedies=(
        "fewer units, then fewer layers",
        "dropout 0.5 and decay",
        "more rows",
    ),
    run=run,
)
