"""Classes with too few rows to learn, or to score."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import applies, examples
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.core.names import count

FEW, VERY_FEW, SHOWN = 50, 10, 5


def run(look: Look) -> Iterator[Finding]:
    """Fewer than 50 rows: counts, not shares, decide."""
    assert look.task is not None
    assert look.y is not None
    counts = np.bincount(look.y.astype(np.int64), minlength=len(look.task.classes))
    few = [int(c) for c in np.argsort(counts, kind="stable") if counts[c] < FEW]
    if not few:
        return
    shown = ", ".join(f'"{look.task.classes[c]}" {count(counts[c])}' for c in few[:SHOWN])
    more = f" and {len(few) - SHOWN} more" if len(few) > SHOWN else ""
    tiny = [c for c in few if counts[c] < VERY_FEW]
    yield Finding(
        "A202",
        "rare_class",
        "warn",
        f"few rows of a class: {shown}{more}",
        (),
        {"counts": {look.task.classes[c]: int(counts[c]) for c in few}, "below_ten": len(tiny)},
        "what a model knows of a class, and how well that is measured, depends on its count",
        "folds hold their share of every class",
        "more rows of these classes, or classes put together by what they mean",
    )


def example() -> Look:
    """Twelve positives."""
    y = (np.arange(600) % 50 == 0).astype(np.float64)
    return examples.look(examples.noise(600), y)


CARD = CheckCard(
    code="A202",
    question="Are there enough rows of every class?",
    reads="target",
    run=run,
    example=example,
    severity="warn",
    rule="fewer than 50 rows of a class",
    false_alarms=0.0,
    applies=applies.classes,
    does="folds hold their share of every class",
)
