"""Validation better than training."""

from __future__ import annotations

from collections.abc import Iterable

from heldout.training.diagnosis.evidence import Evidence
from heldout.training.diagnosis.finding import Seen, SymptomCard

EASIER, BEGUN = 0.06, 0.05


def run(evidence: Evidence) -> Iterable[Seen]:
    """Keras' running loss would not do: it is the mean over an epoch, with dropout."""
    held, fitted = evidence.validation, evidence.fitted
    if not evidence.finite or len(held) < 3 or not evidence.looks or evidence.fell < BEGUN:
        return
    many = max(1, len(held) // 3)
    valid, train = sum(held[-many:]) / many, sum(fitted[-many:]) / many
    easier = (train - valid) / evidence.null
    if easier > max(EASIER, 2 * evidence.margin):
        what = f"validation loss {valid:.4g}, training loss as in prediction {train:.4g}"
        yield Seen(what, (), {"by": easier})


CARD = SymptomCard(
    code="N116",
    question="Is validation better than training?",
    rule=(
        "on average over the last third, the validation loss is below the training loss"
        " as in prediction by 0.06 of the null loss and twice chance, where training "
        "began at all"
    ),
    cause=(
        "the validation rows are easier than the training rows, or what is in them was "
        "seen before (dropout and penalties are taken out of this comparison)"
    ),
    remedies=(
        "draw validation rows at random, by groups where rows belong together",
        "look for rows that are in both parts",
        "look for wrong labels among the training rows",
    ),
    run=run,
)
