"""Drawn batches on their way to the device (JAX)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from heldout.core.arrays import Array
from heldout.training import device
from heldout.training.data import Data, leaves
from heldout.training.endless import Endless, joined
from heldout.training.order import Batches
from heldout.training.program import Program
from heldout.training.source import Source, in_steps
from heldout.training.state import State


@dataclass
class Drawn(Source):
    """Batches as they come, as many at once as fit into the memory; nothing is replayed."""

    batches: Iterator[Data] | None = field(default=None)
    replays = False

    @classmethod
    def of(cls, data: Data, cleared: list[Array], limit: int | None, rows: int = 0) -> Drawn:
        """``rows`` is not asked: the generator says how many."""
        del rows
        a_row = max(1, data.bytes // max(1, len(leaves(data.x)[0])))
        return cls(data, None, max(1, device.most_bytes(limit) // a_row), cleared)

    def begin(self, steps: int) -> None:
        """Behind the steps that were done before."""
        assert isinstance(self.data, Endless)
        self.batches = self.data.after(steps)

    def advance(
        self,
        program: Program,
        state: State,
        order: Batches,
        values: Array,
        first: int,
        end: int,
        key: Any,
        driver: str,
    ) -> State:
        """Steps ``first`` to ``end`` of the epoch, with the next batches."""
        assert self.batches is not None
        size = order.full.shape[1]
        most = max(1, self.block // size)
        while first < end:
            last = min(end, first + most)
            block = joined(self.batches, last - first)
            where = np.zeros_like(order.full)
            where[first:last] = np.arange((last - first) * size).reshape(last - first, size)
            # a block of fewer steps is another shape: filled up, so that one program serves all
            held = device.put(block.take(np.resize(np.arange(len(block)), min(most, len(order.full)) * size)))  # fmt: skip
            state = in_steps(
                program, state, held, where, order.counts, values, first, last, key, driver
            )
            first = last
        return state
