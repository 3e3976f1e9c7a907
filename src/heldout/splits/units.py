"""Units: samples that may not be parted (a group, copies), with what assigning needs to know."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heldout.core.arrays import Array, Doubles, Hashes, Ints
from heldout.splits.content import mix, word
from heldout.splits.plan import Samples

MOST_BINS = 20  # strata of a number


@dataclass(frozen=True)
class Units:
    """``of`` (samples,) unit of each sample; ``key`` (units,) hash; ``size`` (units,) samples;
    ``stratum`` (units,) the rarest stratum that the unit holds; ``counts`` (units, strata)."""

    of: Ints
    key: Hashes
    size: Ints
    stratum: Ints
    counts: Ints

    def __len__(self) -> int:
        return len(self.key)


def salted(hashes: Hashes, salt: str) -> Hashes:
    """Another order of the same hashes for every salt."""
    return mix(hashes ^ word(salt))


def join(a: Ints, b: Ints) -> Ints:
    """Connected parts (samples,): equal in ``a`` or equal in ``b`` means the same part.

    >>> join(np.array([0, 0, 1, 2, 3]), np.array([0, 1, 1, 2, 3])).tolist()
    [0, 0, 0, 1, 2]
    """
    _, a = np.unique(a, return_inverse=True)
    _, b = np.unique(b, return_inverse=True)
    label = np.arange(len(a), dtype=np.int64)
    while True:
        before = label
        for codes in (a, b):
            least = np.full(int(codes.max()) + 1, len(a), dtype=np.int64)
            np.minimum.at(least, codes, label)
            label = least[codes]
        if np.array_equal(before, label):
            return np.asarray(np.unique(label, return_inverse=True)[1], dtype=np.int64)


def strata(y: Doubles, classes: int) -> Ints:
    """(samples,) class codes; for a number (``classes`` 0) bins of equal count by rank."""
    if classes:
        return np.asarray(y, dtype=np.int64)
    bins = int(np.clip(len(y) // 10, 1, MOST_BINS))
    edges = np.quantile(y, np.arange(1, bins) / bins) if len(y) else np.zeros(0)
    return np.asarray(np.searchsorted(edges, y, side="right"), dtype=np.int64)


def make_units(samples: Samples, layers: Ints, *, copies: bool = True) -> Units:
    """Units of all samples; ``layers`` (samples,) are the strata, see ``strata``."""
    n = len(samples)
    hashes = samples.content if samples.entity is None else samples.entity
    if samples.group is not None and copies:
        of = join(samples.group, samples.copy_of)
    elif samples.group is not None or copies:
        of = _codes(samples.copy_of if samples.group is None else samples.group)
    else:
        of = np.arange(n, dtype=np.int64)
        hashes = apart(samples)
    count = int(of.max()) + 1 if n else 0
    key = np.full(count, np.iinfo(np.uint64).max, dtype=np.uint64)
    np.minimum.at(key, of, hashes)
    kinds = int(layers.max()) + 1 if n else 0
    counts = np.zeros((count, kinds), dtype=np.int64)
    np.add.at(counts, (of, layers), 1)
    common_first = np.argsort(-counts.sum(axis=0), kind="stable")
    rarest_last = counts[:, common_first] > 0
    last = kinds - 1 - np.argmax(rarest_last[:, ::-1], axis=1) if kinds else np.zeros(0, np.int64)
    return Units(of, key, counts.sum(axis=1), common_first[last], counts)


def apart(samples: Samples) -> Hashes:
    """The content, made different for the second and every further copy of a sample."""
    order = np.argsort(samples.copy_of, kind="stable")
    sorted_codes = samples.copy_of[order]
    start = np.r_[0, np.flatnonzero(sorted_codes[1:] != sorted_codes[:-1]) + 1]
    turn = np.empty(len(samples), dtype=np.int64)
    lengths = np.diff(np.r_[start, len(samples)])
    turn[order] = np.arange(len(samples)) - np.repeat(start, lengths)
    return np.where(turn > 0, mix(samples.content + turn.astype(np.uint64)), samples.content)


def _codes(values: Array) -> Ints:
    return np.asarray(np.unique(values, return_inverse=True)[1], dtype=np.int64)
