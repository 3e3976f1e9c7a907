"""P: a column that is a sum, or a part of one, with the target in it; fees and rounding beside."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import applies, examples, shallow
from heldout.audits.blocked import ask, asked, blocked
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.audits.singles import values_of
from heldout.audits.watch import watch
from heldout.core.arrays import Doubles

WEIGHT = 0.05  # how far from 1 the weight of another part may lie
OWN = (0.75, 4 / 3)  # weight of the target: what is not in the table may go with it
SHARED = 0.5  # squared partial correlation, of the target and of the other part
FILLED, FEWEST, MOST_COLUMNS = 0.9, 50, 200


def run(look: Look) -> Iterator[Finding]:
    """Each column by least squares on all others and the target: weights of one are amounts."""
    assert look.y is not None
    past = blocked(look) | asked(look)
    names: list[str] = []
    columns: list[Doubles] = []
    for column in look.table.schema.inputs:
        if column.kind == "number" and column.name not in past and len(names) < MOST_COLUMNS:
            x = shallow.as_numbers(values_of(look, column.name), column)
            if np.isfinite(x).mean() >= FILLED and np.nanstd(x) > 0:
                names.append(column.name)
                columns.append(x)
    if len(names) < 2 or look.y.std() == 0:
        return
    watch(look)
    matrix = np.column_stack([*columns, look.y])
    matrix = matrix[np.isfinite(matrix).all(axis=1)]
    if len(matrix) < max(FEWEST, 3 * len(names)) or matrix.std(axis=0).min() == 0:
        return
    weights, shared = _least_squares(matrix)
    for place, name in enumerate(names):
        parts = [
            i
            for i in range(len(names))
            if i != place
            and abs(abs(weights[place, i]) - 1) <= WEIGHT
            and shared[place, i] >= SHARED
        ]
        own = weights[place, -1]
        if parts and OWN[0] <= own <= OWN[1] and shared[place, -1] >= SHARED:
            ask(look, name)
            told = " ".join(f"{'+' if weights[place, i] > 0 else '-'} `{names[i]}`" for i in parts)
            yield _finding(name, f"the target {told}", float(own), float(shared[place, -1]))


def _least_squares(matrix: Doubles) -> tuple[Doubles, Doubles]:
    """(columns, columns) weight of each in every other, in raw units, and squared partial
    correlations; from the inverse of the correlations."""
    spread = matrix.std(axis=0)
    size = matrix.shape[1]
    correlation = np.corrcoef(matrix.T) + 1e-9 * np.eye(size)
    precision = np.linalg.pinv(correlation, hermitian=True)
    diagonal = np.maximum(np.diag(precision), 1e-12)
    weights = -precision / diagonal[:, None] * spread[:, None] / spread[None, :]
    return weights, precision**2 / np.outer(diagonal, diagonal)


def _finding(name: str, told: str, weight: float, shared: float) -> Finding:
    return Finding(
        "A309",
        "whole",
        "warn",
        f"`{name}` is close to {told}: the target goes into it with a weight of {weight:.2f}",
        (name,),
        {"weight": weight, "partial_r2": shared},
        "a sum is written down when its parts are known, the target among them",
        "kept",
        "drop it if it is only known afterwards",
        f"--drop {name}",
        f"Would you know `{name}`, with this value, when you predict?",
    )


def example() -> Look:
    """A bill: fare, tip, and fees that no column tells."""
    rng = np.random.default_rng(0)
    fare, tip = rng.gamma(4, 3, 600), rng.gamma(2, 1.2, 600)
    total = fare + tip + rng.choice(np.array([0.8, 1.3, 3.3]), 600)
    return examples.look({**examples.noise(600), "fare": fare, "total": total}, tip)


CARD = CheckCard(
    code="A309",
    question="Is a column a sum with the target in it?",
    reads="target",
    run=run,
    example=example,
    severity="warn",
    rule="by least squares on all others, the target's weight lies between 0.75 and 1.33 and another "
    "column's within 0.05 of one, both with a squared partial correlation above 0.5",
    false_alarms=0.001,
    does="kept; a question",
    applies=applies.every(applies.values, applies.kinds("number")),
)
