"""Classes that differ only in case, blanks or Unicode form."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np

from heldout.audits import examples
from heldout.audits.checks.level_variants import told, variants
from heldout.audits.finding import CheckCard, Finding, Look


def run(look: Look) -> Iterator[Finding]:
    """Nothing is merged; the spelling is shown."""
    assert look.task is not None
    pairs = variants(look.task.classes)
    if pairs:
        yield Finding(
            "A203",
            "label_variants",
            "warn",
            f"`{look.task.target}`: {told(pairs)}",
            (look.task.target,),
            {"variants": [list(p) for p in pairs]},
            "one class under two names can never be predicted right",
            "kept apart",
            "make the spelling one in the file, if they mean the same",
            question=f"Do the classes {' and '.join(pairs[0])} mean the same?",
        )


def example() -> Look:
    """Yes and yes."""
    y = (np.arange(300) % 3 == 0).astype(np.float64)
    made = examples.look(examples.noise(300), y)
    assert made.task is not None
    return dataclasses.replace(
        made, task=dataclasses.replace(made.task, classes=("Yes", "yes"), positive="yes")
    )


CARD = CheckCard(
    code="A203",
    question="Are there two spellings of one class?",
    reads="target",
    run=run,
    example=example,
    severity="warn",
    rule="equal after Unicode form, case and blanks are made one",
    false_alarms=0.0,
    does="kept apart; a question",
)
