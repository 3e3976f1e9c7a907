"""What each column says of the target alone."""

from __future__ import annotations

from collections.abc import Iterator

from heldout.audits import examples
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.audits.singles import singles
from heldout.core.names import count, plural

SHOWN, Z = 4, 3.0


def run(look: Look) -> Iterator[Finding]:
    """Skill of a shallow model of each column, out of fold; the best ones by name."""
    found = list(singles(look).values())
    if not found:
        return
    says = [s for s in found if s.skill > 0 and s.z > Z]
    told = ", ".join(f"`{s.column}` {s.skill:.1%}" for s in says[:SHOWN])
    silent = len(found) - len(says)
    left = sum(c.kind != "image" for c in look.table.schema.inputs) - len(found)
    most = f" (the {len(found)} most promising of {count(len(found) + left)} columns were asked)"
    head = f"alone they explain of the target: {told}" if says else "no column says anything alone"
    yield Finding(
        "A530",
        "usefulness",
        "note",
        head
        + (f"; {plural(silent, 'column')} nothing beyond noise" if silent and says else "")
        + (most if left else ""),
        (),
        {"skill": {s.column: s.skill for s in found[:50]}, "silent": silent},
        "where to look first; columns that say nothing alone may still say something together",
        "measured on open rows",
        "" if says else "columns that have to do with the question",
    )


def example() -> Look:
    """Honest columns."""
    return examples.clean()


CARD = CheckCard(
    code="A530",
    question="What does each column say alone?",
    reads="target",
    run=run,
    example=example,
    severity="note",
    rule="measured always; said to be something from z = 3 on",
    false_alarms=0.0,
    does="measured out of fold on open rows",
    informs=True,
)
