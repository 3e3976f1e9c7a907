"""Whether rows are alike beyond what their columns say: within groups, and from row to row."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import numpy as np

from heldout.audits.finding import Look
from heldout.audits.goal import base_rates, goal
from heldout.audits.out_of_fold import predicted
from heldout.core.arrays import Array, Doubles, Ints
from heldout.splits.folds import three
from heldout.splits.units import join

MOST_ROWS = 6_000  # for the fits


@dataclass(frozen=True)
class Fitted:
    """``left`` (rows, outputs) what the quick learner does not explain out of fold, ``losses``
    (rows,), ``skill`` 1 - loss / loss of the prior."""

    left: Doubles
    losses: Doubles
    skill: float


def fitted(look: Look, unit: Ints | None, name: str) -> Fitted:
    """Three folds that keep each ``unit`` (rows,) together, copies always."""
    own = _apart(look, unit, name)
    return _left(own, predicted(own, own.table.schema, goal(own).y))


def fitted_if_alike(look: Look, unit: Ints, name: str, least: float) -> Fitted | None:
    """The same, or None as soon as the first fold shows that what is left is not alike within a
    unit: its correlation, and two standard errors, lie below ``least``."""
    own = _apart(look, unit, name)
    answer = predicted(
        dataclasses.replace(own, folds=own.folds[:1], memo={}), own.table.schema, goal(own).y
    ).copy()
    rows = own.folds[0][1]
    left = _truth(own)[rows] - answer[rows]
    rho, z = within(left - left.mean(axis=0), unit[rows])
    if z != 0 and rho + 2 * rho / z < least:
        return None
    others = dataclasses.replace(own, folds=own.folds[1:], memo={})
    more = predicted(others, own.table.schema, goal(own).y)
    for _, valid in others.folds:
        answer[valid] = more[valid]
    return _left(own, answer)


def _apart(look: Look, unit: Ints | None, name: str) -> Look:
    copies = look.memo.get("copies")
    if unit is not None and copies is not None:
        unit = join(unit, copies)
    assert look.y is not None
    together = copies if unit is None else unit
    seed = look.seed.child("dependence", name)
    return dataclasses.replace(look, folds=three(len(look.y), look.y, together, seed), memo={})


def _truth(look: Look) -> Doubles:
    """(rows, outputs) what a prediction is held against."""
    aim = goal(look)
    return np.eye(aim.classes)[aim.y.astype(np.int64)] if aim.classes else aim.y[:, None]


def _left(own: Look, answer: Doubles) -> Fitted:
    aim = goal(own)
    losses = np.zeros(len(aim.y))
    losses[aim.rows] = aim.loss(answer[aim.rows], aim.rows)
    left = _truth(own) - answer
    return Fitted(left - left.mean(axis=0), losses, aim.skill(losses))


def ahead(look: Look) -> tuple[float, float, float]:
    """Skill on the later half of the rows where their neighbors are known, where only what lies
    before them is, and z of the loss; the rows in order, quarter after quarter."""
    assert look.y is not None
    assert look.learner is not None
    mixed = fitted(look, None, "rows")
    n = len(look.y)
    copies = look.memo.get("copies")
    steps = []
    for start, end in ((n // 2, 3 * n // 4), (3 * n // 4, n)):
        train, valid = np.arange(start), np.arange(start, end)
        if copies is not None:
            train = train[~np.isin(copies[train], copies[valid])]
        steps.append((train, valid))
    later = np.arange(n // 2, n)
    if min(len(train) for train, _ in steps) < n // 10:
        return mixed.skill, mixed.skill, 0.0
    own = dataclasses.replace(look, folds=tuple(steps), memo={})
    aim = goal(own)
    answer = predicted(own, own.table.schema, aim.y)
    losses = aim.loss(answer[later], later)
    prior = aim.loss(np.tile(base_rates(aim.y[later], aim.classes), (len(later), 1)), later)
    lost = losses - mixed.losses[later]
    sums = np.bincount(np.arange(len(later)) * 15 // len(later), lost)
    z = float(sums.sum() / max(1e-12, sums.std() * np.sqrt(len(sums))))
    skills = [1 - float(x.sum() / max(1e-12, prior.sum())) for x in (mixed.losses[later], losses)]
    return skills[0], skills[1], z


def moved(y: Doubles, classes: int, stretches: int) -> float:
    """p-value of no difference in the target between ``stretches`` of rows in order; ``y`` (rows,)
    codes, or values.

    >>> rng = np.random.default_rng(0)
    >>> y = (rng.random(900) < 0.3) * 1.0
    >>> moved(y, 2, 30) > 0.001, moved(np.sort(y), 2, 30) < 1e-9
    (True, True)
    """
    from scipy.special import chdtrc

    block = np.arange(len(y)) * stretches // len(y)
    size = np.bincount(block)
    if classes:
        series = np.eye(classes)[y.astype(np.int64)]
        series = series[:, series.any(axis=0)]
        spread, free = series.mean(axis=0), series.shape[1] - 1
    else:
        series = (y - y.mean())[:, None]
        spread, free = np.array([y.var()]), 1
    if free < 1 or (spread <= 0).any():
        return 1.0
    means = np.stack([np.bincount(block, column) / size for column in series.T], axis=1)
    apart = (means - series.mean(axis=0)) ** 2 / spread
    return float(chdtrc((len(size) - 1) * free, float((size[:, None] * apart).sum())))


def within(left: Doubles, codes: Ints) -> tuple[float, float]:
    """Correlation inside groups, each group weighing as its rows, and its z.

    Under independence the pairs of a group have mean 0 and variance 2 (S2 - S4) of its squares.

    >>> rng = np.random.default_rng(0)
    >>> group = np.repeat(np.arange(200), 5)
    >>> own = rng.normal(size=(200, 1))[group] + rng.normal(size=(1000, 1))
    >>> rho, z = within(own - own.mean(), group)
    >>> 0.4 < rho < 0.6 and z > 10
    True
    """
    _, codes, counts = np.unique(codes, return_inverse=True, return_counts=True)
    weight = 1.0 / np.maximum(1, counts - 1)
    square = (left**2).sum(axis=1)
    sums = np.stack([np.bincount(codes, column) for column in left.T], axis=1)
    own = np.bincount(codes, square)
    pairs = (sums**2).sum(axis=1) - own
    spread = np.maximum(0.0, own**2 - np.bincount(codes, square**2))
    base = float(own[counts > 1].sum())
    noise = float((2 * weight**2 * spread).sum())
    if base <= 0 or noise <= 0:
        return 0.0, 0.0
    total = float((weight * pairs).sum())
    return total / base, total / math.sqrt(noise)


def serial(left: Doubles) -> tuple[float, float]:
    """Correlation of a row with the next one, and its z."""
    base = float((left**2).sum())
    if base <= 0 or len(left) < 3:
        return 0.0, 0.0
    rho = float((left[1:] * left[:-1]).sum()) / base
    return rho, float(rho * np.sqrt(len(left) - 1))


def sample_of(look: Look, codes: Array, most: int = MOST_ROWS) -> Ints:
    """Row numbers of whole groups, at most about ``most`` rows, the same for the same seed."""
    names, of, counts = np.unique(codes, return_inverse=True, return_counts=True)
    if len(of) <= most:
        return np.arange(len(of), dtype=np.int64)
    order = look.seed.child("groups").rng().permutation(len(names))
    use = order[np.cumsum(counts[order]) <= most]
    return np.flatnonzero(np.isin(of, use)).astype(np.int64)


def part(look: Look, rows: Ints) -> Look:
    """The look at some rows only, in their order."""
    assert look.y is not None
    copies = look.memo.get("copies")
    memo = {} if copies is None else {"copies": copies[rows]}
    return dataclasses.replace(look, table=look.table.take(rows), y=look.y[rows], memo=memo)
