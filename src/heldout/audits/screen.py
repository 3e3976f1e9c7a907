"""Of very many columns those worth a closer look, found by one pass over a matrix."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from heldout.audits.shallow import as_codes, as_numbers
from heldout.core.arrays import Array, Doubles, Ints
from heldout.tables.schema import Column

MOST = 200  # columns that are looked at closely
PIECES, ROWS_A_PIECE = 32, 10
CELLS = 2_000_000  # sorted at once
MOST_OUTPUTS = 10  # classes, the commonest ones
ORDERED = ("number", "boolean", "date")


def promising(
    columns: Sequence[Column],
    values: Callable[[str], Array],
    y: Doubles,
    most: int = MOST,
    *,
    classes: bool = False,
) -> list[Column]:
    """At most ``most`` columns, in their order: those between whose pieces (32 of equal count, or
    levels) most of the target's spread lies, less what as many pieces explain of noise.

    ``values`` gives the typed array (rows,) of a column; ``y`` (rows,) or (rows, targets) numbers, or
    codes where ``classes``. A column that tells the target is far ahead of noise here, whatever the
    shape: what is left out has little to say alone.
    """
    if len(columns) <= most:
        return list(columns)
    aim = _centered(y, classes)
    rows = len(aim)
    pieces = max(2, min(PIECES, rows // ROWS_A_PIECE))
    starts = np.arange(pieces) * rows // pieces
    worth = np.empty(len(columns))
    held: list[tuple[int, Doubles]] = []
    for place, column in enumerate(columns):
        if column.kind in ORDERED:
            held.append((place, as_numbers(values(column.name), column)))
            if len(held) * rows >= CELLS:
                worth[[p for p, _ in held]] = _sorted([x for _, x in held], aim, starts)
                held = []
        else:
            worth[place] = _by_level(as_codes(values(column.name)), aim)
    if held:
        worth[[p for p, _ in held]] = _sorted([x for _, x in held], aim, starts)
    return [columns[i] for i in np.sort(np.argsort(-worth, kind="stable")[:most])]


def _centered(y: Doubles, classes: bool) -> Doubles:
    """(rows, outputs) of mean 0 and sum of squares 1 each; those that never vary are left out."""
    if y.ndim == 2:
        goal = y.astype(np.float64)
    elif classes:
        codes = y.astype(np.int64)
        counts = np.bincount(codes)
        common = np.argsort(-counts, kind="stable")[:MOST_OUTPUTS]
        common = common[:1] if (counts > 0).sum() <= 2 else common[counts[common] > 0]
        goal = (codes[:, None] == common).astype(np.float64)
    else:
        goal = y[:, None].astype(np.float64)
    goal = goal - goal.mean(axis=0)
    size = np.sqrt((goal**2).sum(axis=0))
    return np.asarray(goal[:, size > 0] / size[size > 0])


def _sorted(values: list[Doubles], aim: Doubles, starts: Ints) -> Doubles:
    """(columns,) of columns with an order; missing comes last."""
    order = np.argsort(np.stack(values, axis=1), axis=0)
    size = np.diff(np.r_[starts, len(aim)])[:, None]
    between = np.zeros(len(values))
    for goal in aim.T:
        between += (np.add.reduceat(goal[order], starts, axis=0) ** 2 / size).sum(axis=0)
    return np.asarray(between / max(1, aim.shape[1]) - len(starts) / len(aim), dtype=np.float64)


def _by_level(codes: Ints, aim: Doubles) -> float:
    size = np.bincount(codes)
    between = sum(float((np.bincount(codes, g) ** 2 / np.maximum(size, 1)).sum()) for g in aim.T)
    return float(between / max(1, aim.shape[1]) - len(size) / len(codes))
