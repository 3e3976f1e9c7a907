"""Stretches of time as the units of an interval (contract 10, where time rules).

Neighbors in time err alike: an interval over single rows is then too narrow. Means of successive
stretches hardly depend on each other, so the stretches are the groups (batch means; Conway 1963).
"""

from __future__ import annotations

import numpy as np

from heldout.core.arrays import Array, Ints

MOST, FEWEST = 20, 10


def stretches(time: Array, blocks: int | None = None) -> Ints | None:
    """(samples,) number of the stretch that each sample lies in, of about equal size; None where
    there are fewer than 10 moments. ``time`` (samples,) orders them; equal times stay together.
    ``blocks``: the cube root of the number of samples, between 10 and 20.

    >>> stretches(np.arange(100))[[0, 9, 10, 99]].tolist()
    [0, 0, 1, 9]
    """
    moments, place, counts = np.unique(time, return_inverse=True, return_counts=True)
    if len(moments) < FEWEST:
        return None
    wanted = min(MOST, max(FEWEST, round(len(time) ** (1 / 3))))
    blocks = min(wanted if blocks is None else blocks, len(moments))
    middle = np.cumsum(counts) - counts / 2
    block = np.floor(middle * blocks / len(time)).astype(np.int64)
    if len(np.unique(block)) < FEWEST:  # a few moments hold most rows: by moments instead
        block = np.arange(len(moments)) * blocks // len(moments)
    return np.asarray(np.unique(block, return_inverse=True)[1][place.reshape(-1)], dtype=np.int64)
