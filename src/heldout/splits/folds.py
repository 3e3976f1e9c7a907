"""Three folds for the audits: stratified, groups and copies on one side."""

from __future__ import annotations

import numpy as np

from heldout.core.arrays import Doubles, Ints
from heldout.core.seed import Seed
from heldout.splits.assign import into_folds
from heldout.splits.content import mix
from heldout.splits.plan import Samples
from heldout.splits.units import make_units, salted, strata

MOST_CLASSES = 100


def three(
    n: int, y: Doubles | None, group: Ints | None, seed: Seed
) -> tuple[tuple[Ints, Ints], ...]:
    """Three (train, valid) pairs of row numbers; ``y`` (n,) class codes or values, or None.

    >>> [len(valid) for _, valid in three(10, None, None, Seed(0))]
    [4, 3, 3]
    """
    rows = np.arange(n, dtype=np.int64)
    content = mix(rows.astype(np.uint64) + np.uint64(1))
    together = rows if group is None else np.asarray(np.unique(group, return_inverse=True)[1])
    if len(np.unique(together)) < 3:
        together = rows
    samples = Samples(rows, None, None, together, content)
    units = make_units(samples, _layers(n, y), copies=True)
    fold = into_folds(units, salted(units.key, seed.child("three").digest().hex()), 3)[units.of]
    return tuple((np.flatnonzero(fold != f), np.flatnonzero(fold == f)) for f in range(3))


def _layers(n: int, y: Doubles | None) -> Ints:
    if y is None:
        return np.zeros(n, dtype=np.int64)
    values = np.unique(y)
    if len(values) <= MOST_CLASSES and np.array_equal(values, np.round(values)):
        return np.asarray(np.searchsorted(values, y), dtype=np.int64)
    return strata(y, 0)
