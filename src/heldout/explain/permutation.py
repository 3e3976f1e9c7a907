"""Permutation importance: how much worse is the score when a column tells nothing?

The column is shuffled among the samples, so that its values stay plausible and its tie to the
target is cut. The loss of score is a paired difference on the same samples; its influence values,
averaged over the shuffles, give the interval. Columns that say the same share their importance.

Sources: Breiman 2001, Random Forests; Fisher, Rudin and Dominici 2019.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.metrics.scoring import Cut, compare
from heldout.stats.estimate import Estimate
from heldout.stats.intervals import interval
from heldout.tables.table import Columns
from heldout.tasks.several import known as all_known
from heldout.tasks.task import Task

Run = Callable[[Columns], Array]
"""Typed columns to predictions (samples, outputs), float64."""

SCREEN_ROWS = 2_000


@dataclass(frozen=True)
class Importance:
    """``drop`` is how much the metric worsens (positive: the column helps), with its interval;
    the ends are None where no method can bound it."""

    column: str
    drop: float
    low: float | None
    high: float | None

    def as_dict(self) -> dict[str, str | float | None]:
        """JSON-able."""
        return {"column": self.column, "drop": self.drop, "low": self.low, "high": self.high}


def importance(
    run: Run,
    columns: Columns,
    y: Doubles,
    task: Task,
    metric: str,
    seed: Seed,
    *,
    repeats: int = 5,
    columns_max: int = 50,
    threshold: Cut = None,
    groups: Array | None = None,
    deadline: Deadline | None = None,
) -> list[Importance]:
    """Every column's importance, largest first.

    ``columns``: typed arrays (samples,); ``y`` (samples,) codes or values; ``groups`` (samples,)
    codes of the unit. With more than ``columns_max`` columns one shuffle on 2,000 samples picks
    those that are measured. At the ``deadline`` the columns measured so far are returned.
    """
    left = Deadline.never() if deadline is None else deadline
    known = all_known(y)
    base = run(columns)
    names = list(columns)
    if len(names) > columns_max:
        names = _screened(run, columns, y, task, metric, seed, threshold, columns_max, left)
    found: list[Importance] = []
    for name in names:
        if left.passed:
            break
        gains: list[Estimate] = []
        for repeat in range(repeats):
            if gains and left.left() <= 0:
                break
            worse = run(shuffled(columns, name, seed.child("importance", name, repeat)))
            gain = compare(metric, task, y, base, worse, threshold=threshold).estimate
            if gain is not None:
                gains.append(gain)
        kept = None if groups is None else np.asarray(groups)[known]
        found.append(_averaged(name, gains, kept))
    return sorted(found, key=lambda one: -one.drop)


def shuffled(columns: Columns, name: str, seed: Seed) -> dict[str, Array]:
    """The same columns with one of them in another order."""
    order = seed.rng().permutation(len(columns[name]))
    return {**columns, name: columns[name][order]}


def _averaged(name: str, gains: Sequence[Estimate], groups: Array | None) -> Importance:
    value = float(np.mean([g.value for g in gains]))
    psi = np.mean([g.psi for g in gains], axis=0)
    ends = interval(Estimate(value, psi, "plain", gains[0].positives), groups=groups)
    return Importance(name, value, ends.low, ends.high)


def _screened(
    run: Run,
    columns: Columns,
    y: Doubles,
    task: Task,
    metric: str,
    seed: Seed,
    threshold: Cut,
    most: int,
    deadline: Deadline,
) -> list[str]:
    """The columns whose single shuffle costs most, in their own order; of those that were
    shuffled by the ``deadline``."""
    rows = np.flatnonzero(all_known(y))
    if len(rows) > SCREEN_ROWS:
        rows = np.sort(seed.child("screen").rng().choice(rows, SCREEN_ROWS, replace=False))
    some = {name: values[rows] for name, values in columns.items()}
    base = run(some)
    drops = {}
    for name in columns:
        if deadline.passed:
            break
        worse = run(shuffled(some, name, seed.child("screen", name)))
        drops[name] = compare(metric, task, y[rows], base, worse, threshold=threshold).value
    best = sorted(drops, key=lambda n: -drops[n])[:most]
    return [name for name in columns if name in best]
