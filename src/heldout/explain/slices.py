"""Where a model fails: subgroups of one or two columns whose rows it answers worse than the rest.

Every part of every column, and every cross of two, that holds at least 50 rows and 1 % of them is
looked at. The mean loss inside is compared with that of all other rows (Welch), one-sided, and
all questions together are held to a false-discovery rate of 5 % (Benjamini and Hochberg 1995):
where nothing differs, something is named in at most about one table of twenty. What is
named must also matter: a loss a fifth higher at least. Rows that a chosen subgroup already
explains do not count for a later one. Interval levels follow Benjamini and Yekutieli 2005, since
only chosen subgroups get one; effects are shrunk for having been chosen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from heldout.core.arrays import Array, Bools, Doubles
from heldout.core.clock import Deadline
from heldout.explain.parts import Part, Parted, parted, together
from heldout.stats.intervals import group_error, group_sums, row_error
from heldout.stats.quantiles import student_p
from heldout.tables.schema import Schema
from heldout.tables.table import Columns

FEWEST_ROWS, FEWEST_SHARE = 50, 0.01
RATE = 0.05
RATIO = 1.2
MOST_COLUMNS, MOST_SLICES = 40, 8
STILL = 3.0  # standard errors by which the rows that are left must still differ


@dataclass(frozen=True)
class Slice:
    """``rows`` (samples,) who is in it; mean ``loss`` there and of all other rows (``rest``);
    ``effect`` the shrunken difference; ``p`` one-sided, before all questions were counted."""

    parts: tuple[Part, ...]
    rows: Bools
    loss: float
    rest: float
    effect: float
    p: float

    @property
    def words(self) -> str:
        """The subgroup as a sentence holds it."""
        return together(self.parts)

    @property
    def ratio(self) -> float:
        """How many times the loss of the other rows."""
        return self.loss / self.rest if self.rest > 0 else math.inf


@dataclass(frozen=True)
class Found:
    """``slices`` worst first; ``looked_at`` subgroups in all; ``level`` of the intervals that the
    found ones may be given; ``whole``: every pair of columns was looked at in time."""

    slices: tuple[Slice, ...]
    looked_at: int
    level: float
    whole: bool


@dataclass(frozen=True)
class _Candidate:
    members: tuple[tuple[Parted, int], ...]
    n: int
    loss: float
    rest: float
    z: float
    p: float

    def rows(self) -> Bools:
        inside = np.ones(len(self.members[0][0].codes), dtype=bool)
        for column, code in self.members:
            inside &= column.codes == code
        return inside


def search(
    columns: Columns,
    loss: Doubles,
    schema: Schema,
    *,
    groups: Array | None = None,
    deadline: Deadline | None = None,
) -> Found:
    """Subgroups whose mean ``loss`` (samples,) is above that of the others.

    ``columns``: typed arrays (samples,); ``groups`` (samples,) codes of the unit: rows of one unit
    count less. Pairs of columns are looked at until the ``deadline``.
    """
    left = Deadline.never() if deadline is None else deadline
    n = len(loss)
    fewest = max(FEWEST_ROWS, math.ceil(FEWEST_SHARE * n))
    capped = np.minimum(loss, np.quantile(loss, 0.995)) if n else loss
    if n < 2 * fewest or not capped.std() > 0:
        return Found((), 0, 0.95, True)
    seen = (parted(columns[c.name], c, fewest) for c in schema.inputs if c.name in columns)
    made = [column for column in seen if column is not None]
    total = _Total(capped, fewest, _inflation(capped, groups))
    single = {column.column: total.candidates((column,)) for column in made}
    made.sort(key=lambda c: -max((s.z for s in single[c.column]), default=-math.inf))
    found = [one for ones in single.values() for one in ones]
    whole = len(made) <= MOST_COLUMNS
    for pair in combinations(made[:MOST_COLUMNS], 2):
        if left.passed:
            whole = False
            break
        found += total.candidates(pair)
    return _kept(found, total, capped, loss, whole)


class _Total:
    """Sums over all rows, so that those of the rest are a subtraction."""

    def __init__(self, loss: Doubles, fewest: int, inflation: float) -> None:
        self.loss, self.fewest, self.inflation = loss, fewest, inflation
        self.center = float(loss.mean())
        self.off = loss - self.center
        self.square = self.off**2

    def candidates(self, columns: Sequence[Parted]) -> list[_Candidate]:
        """Every cell of these columns that has enough rows, and leaves enough."""
        widths = [len(c.parts) for c in columns]
        known = np.logical_and.reduce([c.codes >= 0 for c in columns])
        code = np.ravel_multi_index([np.maximum(c.codes, 0) for c in columns], widths)
        code = np.where(known, code, math.prod(widths))
        size = math.prod(widths) + 1
        n = np.bincount(code, minlength=size)[:-1]
        first = np.bincount(code, weights=self.off, minlength=size)[:-1]
        second = np.bincount(code, weights=self.square, minlength=size)[:-1]
        found = []
        for cell in np.flatnonzero((n >= self.fewest) & (len(self.loss) - n >= self.fewest)):
            numbers = np.unravel_index(cell, widths)
            members = tuple((c, int(k)) for c, k in zip(columns, numbers, strict=True))
            found.append(self.compared(members, int(n[cell]), first[cell], second[cell]))
        return found

    def compared(
        self, members: tuple[tuple[Parted, int], ...], n: int, first: float, second: float
    ) -> _Candidate:
        """Mean inside against mean outside, Welch's z, and its p from Student's t."""
        others = len(self.loss) - n
        inside, outside = first / n, (float(self.off.sum()) - first) / others
        spread_in = max(second / n - inside**2, 0.0) / (n - 1)
        rest = (float(self.square.sum()) - second) / others - outside**2
        spread_out = max(rest, 0.0) / (others - 1)
        error = math.sqrt((spread_in + spread_out) * self.inflation)
        z = (inside - outside) / error if error > 0 else 0.0
        p = student_p(z, n - 1) / 2
        p = p if z > 0 else 1 - p
        return _Candidate(members, n, inside + self.center, outside + self.center, z, p)


def _inflation(loss: Doubles, groups: Array | None) -> float:
    """By how much rows of one unit, being alike, inflate the variance of a mean; 1 at least."""
    if groups is None:
        return 1.0
    off = loss - loss.mean()
    sums = group_sums(off, groups)
    if len(sums) < 2:
        return 1.0
    return max(1.0, (group_error(sums, len(loss)) / row_error(off)) ** 2)


def _kept(
    found: Sequence[_Candidate], total: _Total, capped: Doubles, loss: Doubles, whole: bool
) -> Found:
    """What survives the false-discovery rate, matters, and is not explained by a better one."""
    order = sorted(found, key=lambda c: c.p)
    last = 0
    for rank, one in enumerate(order, start=1):
        if one.p <= RATE * rank / len(order):
            last = rank
    taken: list[_Candidate] = []
    covered = np.zeros(len(loss), dtype=bool)
    for one in sorted(order[:last], key=lambda c: -c.z):
        rows = one.rows()
        if len(taken) < MOST_SLICES and _matters(rows, capped, covered, total):
            taken.append(one)
            covered |= rows
    slices = [_told(one, loss) for one in taken]
    slices.sort(key=lambda s: -s.effect)
    level = 1 - RATE * max(1, len(slices)) / max(1, len(order))
    return Found(tuple(slices), len(order), max(0.95, min(level, 0.9999)), whole)


def _matters(rows: Bools, loss: Doubles, covered: Bools, total: _Total) -> bool:
    """Whether the rows that no chosen subgroup holds still lose more than the untouched rest."""
    fresh, rest = loss[rows & ~covered], loss[~rows & ~covered]
    if len(fresh) < max(2, total.fewest // 2) or len(rest) < 2:
        return False
    error = math.sqrt(
        total.inflation * (fresh.var(ddof=1) / len(fresh) + rest.var(ddof=1) / len(rest))
    )
    gap = float(fresh.mean() - rest.mean())
    return gap > STILL * error and float(fresh.mean()) >= RATIO * float(rest.mean())


def _told(one: _Candidate, loss: Doubles) -> Slice:
    rows = one.rows()
    inside, rest = float(loss[rows].mean()), float(loss[~rows].mean())
    effect = (inside - rest) * max(0.0, 1 - 1 / one.z**2)
    parts = tuple(column.parts[code] for column, code in one.members)
    return Slice(parts, rows, inside, rest, effect, one.p)
