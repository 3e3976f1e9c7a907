"""Samples and tables for the tests of splits."""

from __future__ import annotations

import numpy as np

from heldout.core.arrays import Array, Doubles, Ints
from heldout.splits.content import mix
from heldout.splits.plan import Samples
from heldout.splits.samples import first_equal
from heldout.tasks.task import Task

BINARY = Task("binary", "y", "roc_auc", True, classes=("no", "yes"), positive="yes")
REGRESSION = Task("regression", "y", "mae", False)


def multiclass(classes: int) -> Task:
    """A task of so many classes."""
    return Task(
        "multiclass", "y", "log_loss", False, classes=tuple(f"c{i}" for i in range(classes))
    )


def samples(
    n: int,
    *,
    copies: float = 0.0,
    groups: int | None = None,
    times: int | None = None,
    seed: int = 0,
) -> Samples:
    """n samples; a share of copies; so many groups; so many different times."""
    rng = np.random.default_rng(seed)
    content = mix(np.arange(1, n + 1, dtype=np.uint64) * np.uint64(7919 + seed))
    again = rng.integers(0, n, int(copies * n))
    content[again] = content[rng.integers(0, n, len(again))]
    group = (
        None if groups is None else np.unique(rng.integers(0, groups, n), return_inverse=True)[1]
    )
    time = None if times is None else rng.integers(0, times, n)
    entity = None if group is None else mix(group.astype(np.uint64) + np.uint64(1))
    return Samples(np.arange(n), group, time, first_equal(content), content, entity)


def classes(n: int, shares: Array, seed: int = 0) -> Doubles:
    """Class codes by shares."""
    rng = np.random.default_rng(seed)
    return rng.choice(len(shares), n, p=np.asarray(shares)).astype(np.float64)


def straddles(of: Ints, left: Ints, right: Ints) -> bool:
    """Whether some unit lies on both sides."""
    return bool(np.intersect1d(of[left], of[right]).size)
