"""Where time rules: never shuffled, training before validation before the sealed stretch."""

from __future__ import annotations

import itertools

import numpy as np

from heldout.core.arrays import Bools, Ints

FIRST = 1 / 3  # of the open rows are trained on only
LARGEST_PURGE = 0.5


def last_stretch(time: Ints, wanted: int, leave: int = 1) -> Bools:
    """(rows,) the latest rows, cut between two times so that about ``wanted`` are taken.

    Equal times stay together and ``leave`` times stay behind; where there are not more, none
    is taken.

    >>> last_stretch(np.array([0, 1, 1, 2, 3]), 2).tolist()
    [False, False, False, True, True]
    """
    times, counts = np.unique(time, return_counts=True)
    after = np.cumsum(counts[::-1])[::-1]  # rows from this time on
    if len(times) <= leave or wanted <= 0:
        return np.zeros(len(time), dtype=bool)
    cut = leave + int(np.argmin(np.abs(after[leave:] - wanted)))
    return np.asarray(time >= times[cut], dtype=bool)


def steps(time: Ints, folds: int, first: float = FIRST) -> list[tuple[Bools, Bools]]:
    """(earlier, validated) masks over rows: an expanding window, at most ``folds`` steps.

    >>> [(int(a.sum()), int(b.sum())) for a, b in steps(np.arange(9), 3)]
    [(3, 2), (5, 2), (7, 2)]
    """
    times, counts = np.unique(time, return_counts=True)
    before = np.cumsum(counts) - counts  # rows before this time
    aims = len(time) * (first + (1 - first) * np.arange(folds) / folds)
    cuts: list[int] = []
    for aim in aims:
        if len(times) > 1:
            cut = 1 + int(np.argmin(np.abs(before[1:] - aim)))
            if not cuts or cut > cuts[-1]:
                cuts.append(cut)
    ends = [*cuts[1:], len(times)][: len(cuts)]
    made = []
    for start, end in zip(cuts, ends, strict=True):
        inside = time >= times[start]
        if end < len(times):
            inside &= time < times[end]
        made.append((time < times[start], inside))
    return made


def before(earlier: Bools, later: Bools, time: Ints, gap: int) -> Bools:
    """``earlier`` without the ``gap`` last moments before ``later`` begins: what is known of a row
    only after a while is not known yet when the first validated row is predicted.

    >>> time = np.arange(6)
    >>> before(time < 4, time >= 4, time, 2).tolist()
    [True, True, False, False, False, False]
    """
    if gap < 1 or not later.any():
        return earlier
    moments = np.unique(time)
    first = int(np.searchsorted(moments, time[later].min()))
    return np.asarray(earlier & (time < moments[max(0, first - gap)]), dtype=bool)


def blocks(time: Ints, folds: int, gap: int, embargo: int) -> list[tuple[Bools, Bools]]:
    """(training, validated) masks: successive stretches, each validated by what lies before *and*
    after it, less ``gap`` moments before and ``embargo`` moments after (purged cross-validation;
    Lopez de Prado 2018). Only where that is asked for: the future answers for the past.

    >>> [a.tolist() for a, _ in blocks(np.arange(6), 3, 1, 1)][1]
    [True, False, False, False, False, True]
    """
    moments, place = np.unique(time, return_inverse=True)
    edges = np.linspace(0, len(moments), min(folds, len(moments)) + 1).round().astype(np.int64)
    made = []
    for start, end in itertools.pairwise(edges):
        inside = (place >= start) & (place < end)
        training = (place < start - gap) | (place >= end + embargo)
        if training.any():
            made.append((training, inside))
    return made


def purge(earlier: Bools, later: Bools, unit: Ints) -> tuple[Bools, int]:
    """``earlier`` without rows whose unit (group, copies) also appears in ``later``.

    Returned unchanged, with -1, where more than half would go: then the units run through all
    of time, as shops or machines do, and order alone parts the rows.
    """
    shared = earlier & np.isin(unit, unit[later])
    gone = int(shared.sum())
    if gone > LARGEST_PURGE * max(1, int(earlier.sum())):
        return earlier, -1
    return earlier & ~shared, gone
