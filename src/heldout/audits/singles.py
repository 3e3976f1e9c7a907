"""How well every column alone says the target, out of fold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heldout.audits import shallow
from heldout.audits.finding import Look
from heldout.audits.goal import Goal, goal, normal_scores
from heldout.audits.once import once, once_for
from heldout.audits.screen import MOST, promising
from heldout.audits.watch import watch
from heldout.core.arrays import Array, Doubles, Ints
from heldout.tables.schema import Column

ORDERED = ("number", "boolean", "date")
ROWS_A_LEVEL = 10  # at least: two columns without repeats match level by level for nothing
SAME = 0.999  # rank correlation from which two columns are copies


@dataclass(frozen=True)
class Single:
    """``skill`` 1 - loss / loss of the prior; ``losses`` (rows,); ``z`` of the gain over it."""

    column: str
    skill: float
    z: float
    losses: Doubles


def values_of(look: Look, name: str) -> Array:
    """The typed array of a column, read once."""
    return once_for(look, "values", name, lambda: look.table.arrays([name])[name])


def singles(look: Look) -> dict[str, Single]:
    """Every input column (of more than 200 the most promising ones), the best first."""
    return once(look, "singles", lambda: _singles(look))


def _singles(look: Look) -> dict[str, Single]:
    columns = [c for c in look.table.schema.inputs if c.kind != "image"]
    if len(columns) > MOST:
        aim = goal(look)

        def read(name: str) -> Array:
            watch(look)
            return values_of(look, name)

        columns = promising(columns, read, aim.y, classes=bool(aim.classes))
    made = []
    for column in columns:
        watch(look)
        made.append(single(look, column, values_of(look, column.name)))
    made.sort(key=lambda s: -s.skill)
    return {s.column: s for s in made}


def single(look: Look, column: Column, values: Array) -> Single:
    """The skill of one column: a shallow tree, smoothed means of levels, or a line."""
    aim = goal(look)
    if column.kind in ORDERED:
        x = shallow.as_numbers(values, column)
        losses = _tree_losses(look, aim, shallow.bins(x))
        if not aim.classes and column.kind != "boolean":
            straight = _line_losses(look, aim, normal_scores(x))
            if straight[aim.rows].mean() < losses[aim.rows].mean():
                losses = straight
    else:
        losses = _level_losses(look, aim, shallow.as_codes(values))
    return Single(column.name, aim.skill(losses), aim.z(aim.prior, losses), losses)


def _tree_losses(look: Look, aim: Goal, codes: Ints) -> Doubles:
    losses = np.zeros(len(aim.y))
    for train, valid in look.folds:
        answers = shallow.tree(codes[train], aim.y[train], aim.classes)
        losses[valid] = aim.loss(answers[codes[valid]], valid)
    return losses


def _level_losses(look: Look, aim: Goal, codes: Ints) -> Doubles:
    losses = np.zeros(len(aim.y))
    for train, valid in look.folds:
        size = int(codes.max()) + 1 if len(codes) else 1
        answers = shallow.level_means(codes[train], aim.y[train], aim.classes, size)
        losses[valid] = aim.loss(answers[codes[valid]], valid)
    return losses


def _line_losses(look: Look, aim: Goal, x: Doubles) -> Doubles:
    losses = np.zeros(len(aim.y))
    for train, valid in look.folds:
        losses[valid] = aim.loss(shallow.line(x[train], aim.y[train], x[valid]), valid)
    return losses


def copies_of(look: Look, name: str, among: list[str]) -> list[str]:
    """The columns of ``among`` that say the same as ``name``: by rank, or level by level."""
    found = []
    column = look.table.schema[name]
    mine = values_of(look, name)
    for other in among:
        if other == name:
            continue
        theirs, kind = values_of(look, other), look.table.schema[other]
        if (
            column.kind in ORDERED
            and kind.kind in ORDERED
            and _same_rank(shallow.as_numbers(mine, column), shallow.as_numbers(theirs, kind))
        ) or _same_levels(mine, theirs):
            found.append(other)
    return found


def _same_rank(a: Doubles, b: Doubles) -> bool:
    known = ~(np.isnan(a) | np.isnan(b))
    if known.sum() < 20 or known.mean() < 0.5:
        return False
    x, y = normal_scores(a[known]), normal_scores(b[known])
    if x.std() == 0 or y.std() == 0:
        return False
    return bool(abs(np.corrcoef(x, y)[0, 1]) > SAME)


def _same_levels(a: Array, b: Array) -> bool:
    first, second = shallow.as_codes(a), shallow.as_codes(b)
    k, m = int(first.max()) + 1, int(second.max()) + 1
    if k != m or k < 2 or k > len(a) / ROWS_A_LEVEL:
        return False
    return len(np.unique(first * m + second)) == k


def sums_of(look: Look, name: str, among: list[str]) -> list[str]:
    """The columns of ``among`` that are a function of ``name``, with fewer values than it."""
    mine = shallow.as_codes(values_of(look, name).astype(object))
    levels = int(mine.max()) + 1
    if levels > len(mine) / ROWS_A_LEVEL:
        return []
    found = []
    for other in among:
        theirs = shallow.as_codes(values_of(look, other).astype(object))
        size = int(theirs.max()) + 1
        if 1 < size < levels and len(np.unique(mine * size + theirs)) == levels:
            found.append(other)
    return found
