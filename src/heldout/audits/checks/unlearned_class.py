"""Classes that are never answered, and pairs that are taken for each other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import applies, examples
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.core.names import count

FEWEST, RECALL = 20, 0.02


def run(look: Look) -> Iterator[Finding]:
    """Of several classes, one with 20 rows of which fewer than 2 % are recognised."""
    assert look.trained is not None
    assert look.task is not None
    assert look.y is not None
    p = look.trained.prediction
    known = ~np.isnan(p[:, 0])
    y, said = look.y[known].astype(np.int64), np.argmax(p[known], axis=1)
    names = look.task.classes
    if len(names) < 3:
        return
    for code, name in enumerate(names):
        rows = y == code
        n, right = int(rows.sum()), int((said[rows] == code).sum())
        if n >= FEWEST and right < RECALL * n:
            taken = int(np.bincount(said[rows], minlength=len(names)).argmax())
            yield Finding(
                "A705",
                "unlearned_class",
                "warn",
                f'"{name}": {count(right)} of {count(n)} rows recognised, most are taken for '
                f'"{names[taken]}"',
                (look.task.target,),
                {"class": name, "rows": n, "recognised": right, "taken_for": names[taken]},
                "a class that is never answered might as well not be there",
                "probabilities are given for every class all the same",
                "columns that tell the two apart, or one class of both",
            )


def example() -> Look:
    """A third class that no column knows."""
    import dataclasses

    made = examples.with_training(examples.clean(300))
    assert made.trained is not None
    assert made.task is not None
    y = (np.arange(300) % 3).astype(np.float64)
    p = np.where(np.arange(3) == 0, 0.5, 0.25) * np.ones((300, 1))
    p[y == 1, :2] = [0.2, 0.55]
    task = dataclasses.replace(made.task, kind="multiclass", classes=("a", "b", "c"), positive=None)
    return dataclasses.replace(examples.predicting(made, p), y=y, task=task)


CARD = CheckCard(
    code="A705",
    question="Is a class never answered?",
    reads="trained",
    run=run,
    example=example,
    severity="warn",
    rule="of three or more classes, one with 20 rows of which fewer than 2 % are recognised",
    false_alarms=0.0,
    does="probabilities are given for every class all the same",
    applies=applies.classes,
)
