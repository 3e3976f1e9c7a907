"""The order of rows and the values of settings, epoch by epoch: functions of the seed alone.

A resumed training needs nothing but the number of its epoch to go on with the same batches.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from heldout.core.arrays import Array, Codes, Floats
from heldout.core.seed import Seed
from heldout.training.schedules import Schedule


@dataclass(frozen=True)
class Batches:
    """``full`` (S, B) row numbers; ``counts`` (S,) real rows of each; ``last`` (r,) the rows of
    a short last batch, None where there is none. ``steps`` counts the last one too."""

    full: Codes
    counts: Codes
    last: Codes | None

    @property
    def loops(self) -> int:
        """Steps of full (or filled-up) batches."""
        return int((self.counts > 0).sum())

    @property
    def steps(self) -> int:
        """All steps of the epoch."""
        return self.loops + (self.last is not None)


def steps_per_epoch(rows: int, batch: int, last: str) -> int:
    """How many steps an epoch has (X-055).

    >>> steps_per_epoch(1_000, 64, "exact"), steps_per_epoch(1_000, 64, "drop")
    (16, 15)
    """
    size = min(batch, rows)
    return rows // size if last == "drop" else -(-rows // size)


def bucket(count: int) -> int:
    """A size that many sizes near share, so that they share a program: rounded up to an eighth
    of a power of two.

    >>> [bucket(n) for n in (3, 70, 71, 1_000, 18_001)]
    [3, 72, 72, 1024, 18432]
    """
    grain = max(1, 1 << max(0, max(count, 1).bit_length() - 4))
    return -(-count // grain) * grain


def batches(
    rows: Array,
    batch: int,
    seed: Seed,
    epoch: int,
    *,
    shuffle: bool = True,
    last: str = "exact",
    padded: bool = False,
) -> Batches:
    """The batches of an epoch (from 0). Shuffled anew each epoch by seed and epoch; ``last``
    "drop" leaves out the few rows over, others in each epoch; ``padded`` fills up."""
    order = np.asarray(rows, dtype=np.int32)
    if shuffle:
        order = order[seed.child("batches", epoch).rng().permutation(len(order))]
    size = min(batch, len(order))
    whole = len(order) // size
    full = order[: whole * size].reshape(whole, size)
    rest = order[whole * size :]
    if last == "drop" or not len(rest):
        rest = order[:0]
    counts = np.full(whole, size, dtype=np.int32)
    if not padded:
        return Batches(full, counts, rest if len(rest) else None)
    if len(rest):
        filled = np.concatenate([rest, np.repeat(rest[:1], size - len(rest))])
        full = np.concatenate([full, filled[None]])
        counts = np.append(counts, np.int32(len(rest)))
    more = bucket(len(full)) - len(full)
    full = np.concatenate([full, np.zeros((more, size), np.int32)])
    counts = np.concatenate([counts, np.zeros(more, np.int32)]).astype(np.int32)
    return Batches(full, counts, None)


def values_at(
    names: Sequence[str],
    settings: Mapping[str, Any],
    first: int,
    steps: int,
    total: int,
    rate: float = 1.0,
) -> Floats:
    """float32 (steps, names): each setting at the steps ``first``, ``first + 1`` ... of
    ``total``; ``rate`` multiplies the learning rate."""
    made = np.empty((steps, len(names)), dtype=np.float32)
    at = np.arange(first, first + steps)
    for j, name in enumerate(names):
        value = settings[name]
        column = value.over(at, total) if isinstance(value, Schedule) else float(value)
        made[:, j] = column * rate if name == "learning_rate" else column
    return made
