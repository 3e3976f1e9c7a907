"""Stable 64-bit hashes of numbers and texts: the same on every machine, in every version."""

from __future__ import annotations

import hashlib

import numpy as np

from heldout.core.arrays import Array, Hashes

MISSING = np.uint64(0x9E3779B97F4A7C15)


def mix(x: Hashes) -> Hashes:
    """The finalizer of splitmix64 (Steele, Lea and Flood 2014): a bijection of 64 bits.

    >>> hex(int(mix(np.array([1], np.uint64))[0]))
    '0x5692161d100b05e5'
    """
    x = x ^ (x >> np.uint64(30))
    x = x * np.uint64(0xBF58476D1CE4E5B9)
    x = x ^ (x >> np.uint64(27))
    x = x * np.uint64(0x94D049BB133111EB)
    return np.asarray(x ^ (x >> np.uint64(31)), dtype=np.uint64)


def word(text: str) -> np.uint64:
    """64 bits of BLAKE2b of a text.

    >>> hex(int(word("Churn")))
    '0x4d659ee5eded2f67'
    """
    data = text.encode("utf-8", "surrogatepass")
    return np.uint64(int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little"))


def numbers(values: Array) -> Hashes:
    """Hashes of float64 values; -0.0 equals 0.0 and there is one NaN."""
    doubles = np.asarray(values, dtype=np.float64) + 0.0
    bits = np.ascontiguousarray(doubles).view(np.uint64)
    return np.where(np.isnan(doubles), MISSING, mix(bits + np.uint64(1)))
