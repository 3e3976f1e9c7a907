"""A part of many keys, the same every time: those whose hash is among the lowest."""

from __future__ import annotations

import numpy as np

from heldout.core.arrays import Bools, Hashes
from heldout.tables.hashes import mix, word

MOST_KEYS = 60_000  # about so many decide whether near copies are there
SALT = word("heldout lowest 1")


def lowest(keys: Hashes, share: float) -> Bools:
    """Which keys belong to the part; equal keys belong together.

    >>> keys = np.arange(10_000, dtype=np.uint64)
    >>> 900 < int(lowest(keys, 0.1).sum()) < 1_100
    True
    """
    return np.asarray(mix(keys ^ SALT) < np.uint64(share * (2**64 - 2**12)), dtype=bool)
