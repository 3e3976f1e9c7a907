"""Where batches come from: data on the device at once, or in blocks where it does not fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from heldout.core.arrays import Array
from heldout.training import device
from heldout.training.data import Data
from heldout.training.order import Batches
from heldout.training.program import Program
from heldout.training.state import State


@dataclass
class Source:
    """``held`` are the arrays on the device, None where they are read in blocks of ``block``
    rows; ``cleared`` are the metrics' values before the first batch."""

    data: Data
    held: Any
    block: int
    cleared: list[Array]
    replays = True  # whether steps can be done again

    def begin(self, steps: int) -> None:
        """Told how many steps were done before; rows know their order by themselves."""

    @classmethod
    def of(cls, data: Data, cleared: list[Array], limit: int | None, rows: int = 0) -> Source:
        """Put the data on the device if it fits; ``rows``: fill up to so many, so that members
        with data of their own share one program."""
        most = device.most_bytes(limit)
        if data.bytes <= most:
            return cls(data, device.put(filled(data, rows)), 0, cleared)
        a_row = max(1, data.bytes // len(data))
        return cls(data, None, max(1, most // a_row), cleared)

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
        """Steps ``first`` to ``end`` of the epoch."""
        loops, size = order.loops, order.full.shape[1]
        ahead = end if self.held is not None else first
        while first < min(end, loops):
            if self.held is None:
                ahead = min(end, loops, first + max(1, self.block // size))
            last = min(ahead, loops)
            held, full = self.held, order.full
            if held is None:
                held, full = self._block(order.full, first, last, size)
            state = in_steps(
                program, state, held, full, order.counts, values, first, last, key, driver
            )
            first = last
        if end > loops and order.last is not None:
            rows: Array = order.last
            held = self.held
            if held is None:
                held, rows = device.put(self.data.take(rows)), np.arange(len(rows))
            rows = np.asarray(rows, np.int32)
            state = program.step(
                state,
                held,
                rows,
                np.int32(len(rows)),
                values[loops],
                jax.random.fold_in(key, loops),
            )
        return state

    def _block(self, full: Array, first: int, last: int, size: int) -> tuple[Any, Array]:
        """The rows of these steps, in order, and where each batch finds them."""
        steps = max(1, self.block // size)
        rows = np.resize(full[first:last].ravel(), steps * size)
        where = np.zeros_like(full)
        where[first:last] = np.arange((last - first) * size).reshape(last - first, size)
        return device.put(self.data.take(rows)), where


def in_steps(
    program: Program,
    state: State,
    held: Any,
    full: Array,
    counts: Array,
    values: Array,
    first: int,
    last: int,
    key: Any,
    driver: str,
) -> State:
    """In one compiled loop, or a compiled step at a time: the same arithmetic."""
    if driver == "loop":
        order = (jnp.asarray(full), jnp.asarray(counts))
        return program.loop(  # type: ignore[no-any-return]
            state, held, order, jnp.asarray(values), np.int32(first), np.int32(last), key
        )
    for i in range(first, last):
        fold = jax.random.fold_in(key, i)
        state = program.step(state, held, full[i], counts[i], values[i], fold)
    return state


def filled(data: Data, rows: int) -> Data:
    """Zeros behind the last row, which nothing refers to."""
    if rows <= len(data):
        return data
    more = data.like(rows - len(data))

    def joined(own: Any, new: Any) -> Any:
        return None if own is None else np.concatenate([own, new])

    parts = [
        jax.tree.map(joined, own, new)
        for own, new in zip(
            (data.x, data.y, data.weights), (more.x, more.y, more.weights), strict=True
        )
    ]
    return Data(*parts)
