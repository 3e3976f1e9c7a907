"""Batches that a generator makes without end, and how many of them count as an epoch."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from heldout.core.arrays import Array
from heldout.training.data import Data, each, leaves


@dataclass(frozen=True)
class Endless(Data):
    """``draw()`` begins anew and gives (x, y) or (x, y, weights), batches of one size; ``steps``
    of them are an epoch. ``x``, ``y``, ``weights`` are those of the first batch. A training that
    goes on from a checkpoint draws anew and passes over what it has seen, so that a generator
    with a seed of its own gives the same bits."""

    draw: Callable[[], Iterable[Any]] = tuple
    steps: int = 1
    size: int = 0

    @classmethod
    def by(cls, draw: Callable[[], Iterable[Any]], steps: int) -> Endless:
        """Look at the first batch.

        >>> made = Endless.by(lambda: ((np.ones((8, 2)), np.ones(8)) for _ in iter(int, 1)), 5)
        >>> made.size, len(made), made.steps
        (8, 40, 5)
        """
        if steps < 1:
            raise ValueError(f"{steps} steps make no epoch")
        for batch in draw():
            first = Data.of(*batch)
            return cls(first.x, first.y, first.weights, draw, steps, len(leaves(first.x)[0]))
        raise ValueError("the generator gives no batch")

    def __len__(self) -> int:
        return self.steps * self.size

    def take(self, rows: Array) -> Data:
        """Rows of the first batch: what models are built for."""
        return Data(self.x, self.y, self.weights).take(np.asarray(rows) % self.size)

    def after(self, steps: int) -> Iterator[Data]:
        """The batches behind so many."""
        for batch in itertools.islice(iter(self.draw()), steps, None):
            made = Data.of(*batch)
            if len(made) != self.size:
                raise ValueError(
                    f"the generator gave a batch of {len(made)} rows after one of {self.size}:"
                    " batches of one size, or every mean is wrong"
                )
            yield made


def joined(batches: Iterator[Data], count: int) -> Data:
    """The next ``count`` batches, one behind the other. Raises where the generator ends."""
    parts = list(itertools.islice(batches, count))
    if len(parts) < count:
        raise ValueError("the generator has ended: it has to go on without end")
    if count == 1:
        return parts[0]
    trees = [leaves((p.x, p.y, p.weights)) for p in parts]
    columns = iter([np.concatenate(own) for own in zip(*trees, strict=True)])
    first = parts[0]
    return Data(*each(lambda _: next(columns), (first.x, first.y, first.weights)))
