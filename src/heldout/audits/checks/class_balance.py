"""Classes of very different size: a bare accuracy says nothing."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import applies, examples
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.core.names import count

TIMES = 9.0


def run(look: Look) -> Iterator[Finding]:
    """The commonest class has nine times the rows of the rarest."""
    assert look.task is not None
    assert look.y is not None
    counts = np.bincount(look.y.astype(np.int64), minlength=len(look.task.classes))
    top, low = int(np.argmax(counts)), int(np.argmin(counts))
    if counts[low] and counts[top] < TIMES * counts[low]:
        return
    names, share = look.task.classes, counts[top] / counts.sum()
    yield Finding(
        "A520",
        "class_balance",
        "note",
        f'classes are not balanced: "{names[top]}" {count(counts[top])}, "{names[low]}" '
        f"{count(counts[low])}",
        (look.task.target,),
        {"counts": dict(zip(names, counts.tolist(), strict=True))},
        f"always answering the commonest is right in {share:.1%}: accuracy alone would mislead",
        "folds hold their share of every class; scores are judged beside that answer",
        "say what each error costs: --cost miss=5,alarm=1",
    )


def example() -> Look:
    """Five positives in a hundred."""
    return examples.look(examples.noise(1_000), (np.arange(1_000) % 20 == 0) * 1.0)


CARD = CheckCard(
    code="A520",
    question="Are the classes balanced?",
    reads="target",
    run=run,
    example=example,
    severity="note",
    rule="the commonest class has nine times the rows of the rarest",
    false_alarms=0.0,
    does="folds hold their share of every class",
    applies=applies.classes,
)
