"""Do the columns say more of the target than of the same target shuffled?"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np

from heldout.audits import applies, examples
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.audits.goal import goal
from heldout.audits.out_of_fold import predicted
from heldout.audits.watch import need, watch
from heldout.core.arrays import Ints

TIMES, FEWEST, MOST, SECONDS = 3, 60, 4_000, 1.2
ENOUGH = 1_000  # rows from which a fold is enough for each shuffling


def run(look: Look) -> Iterator[Finding]:
    """The skill of the quick learner, on at most 4,000 rows, beside three shufflings."""
    assert look.y is not None
    need(look, 0.3 + SECONDS * min(1.0, look.table.rows / MOST))
    small = smaller(look, MOST)
    if len(small.folds[0][0]) < FEWEST:
        return
    real = skill(small)
    rng = look.seed.child("shuffled").rng()
    chance = []
    for number in range(TIMES):
        watch(look)
        assert small.y is not None
        folds = small.folds[number % 3 :][:1] if len(small.y) >= ENOUGH else small.folds
        shuffled = rng.permutation(small.y)
        chance.append(skill(dataclasses.replace(small, y=shuffled, folds=folds, memo={})))
    says = real > max(chance) and real > 0
    yield Finding(
        "A531",
        "shuffled_target",
        "note",
        f"all columns together explain {max(0.0, real):.1%} of the target, of shuffled targets "
        f"at most {max(0.0, *chance):.1%}" + ("" if says else ": no signal in sight"),
        (),
        {"skill": real, "shuffled": chance},
        "what a model finds in shuffled answers is what it finds in noise",
        "measured on open rows; whether there is a signal is decided by the gate at the end",
        "" if says else "other columns, or more rows: see the learning curve",
    )


def smaller(look: Look, most: int) -> Look:
    """The look at some of its rows, with folds of those."""
    assert look.y is not None
    rows = np.arange(len(look.y))
    if len(rows) <= most:
        return look
    rows = np.sort(look.seed.child("smaller").rng().choice(rows, most, replace=False))
    place = np.full(len(look.y), -1)
    place[rows] = np.arange(len(rows))
    folds = tuple((_of(place, a), _of(place, b)) for a, b in look.folds)
    return dataclasses.replace(
        look, table=look.table.take(rows), y=look.y[rows], folds=folds, memo={}
    )


def _of(place: Ints, rows: Ints) -> Ints:
    found = place[rows]
    return found[found >= 0]


def skill(look: Look) -> float:
    """1 - out-of-fold loss / loss of the prior, of the quick learner on all columns."""
    aim = goal(look)
    made = predicted(look, look.table.schema, aim.y)
    losses = np.zeros(len(aim.y))
    losses[aim.rows] = aim.loss(made[aim.rows], aim.rows)
    return aim.skill(losses)


def example() -> Look:
    """Honest columns."""
    return examples.clean()


CARD = CheckCard(
    code="A531",
    question="Do the columns say more of the target than of a shuffled one?",
    reads="target",
    run=run,
    example=example,
    severity="note",
    rule="measured always, beside three shufflings (from 1,000 rows on each in a fold of its own), on at most 4,000 rows",
    false_alarms=0.0,
    does="measured out of fold on open rows",
    applies=applies.learner,
    informs=True,
    source="Ojala and Garriga 2010",
)
