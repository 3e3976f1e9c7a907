"""The measures on validation rows, in batches, with the exact mean over a short last one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np

from heldout.core.arrays import Array
from heldout.training import device
from heldout.training.data import Data
from heldout.training.order import bucket
from heldout.training.program import Program
from heldout.training.source import Source

MOST = 4_096  # rows judged at once where they are few bytes
LIGHT = 16 << 20  # bytes of a batch that count as few


@dataclass
class Judge:
    """``full`` (V, B) rows, ``weights`` (V, B) where batches are filled up, ``last`` the rest."""

    source: Source
    full: Array
    weights: Array | None
    last: Array | None
    looped: bool = True  # False: step by step, for convolutions that a loop makes slow

    @classmethod
    def of(cls, source: Source, rows: Array, batch: int | None, padded: bool, data: Data) -> Judge:
        """``batch`` None chooses: everything at once where it is light."""
        order = np.asarray(rows, dtype=np.int32)
        size = batch or _size(data, len(order))
        if not padded:
            size = min(size, len(order))
            whole = len(order) // size
            rest = order[whole * size :]
            full = order[: whole * size].reshape(whole, size)
            return cls(source, full, None, rest if len(rest) else None)
        size = min(size, bucket(len(order)))
        many = bucket(-(-len(order) // size))
        real = np.arange(many * size) < len(order)
        full = np.where(real, np.resize(order, many * size), order[0])
        used = -(-len(order) // size)
        weights = np.where(real, np.float32(used * size / len(order)), 0).astype(np.float32)
        return cls(
            source,
            full.astype(np.int32).reshape(many, size)[:used],
            weights.reshape(many, size)[:used],
            None,
        )

    def measure(self, program: Program, state: Any, values: Array) -> dict[str, float]:
        """``val_loss`` and the model's other measures, penalties included as in Keras (X-073);
        ``values`` are the settings."""
        at = (state[0], state[1], device.put_arrays(self.source.cleared))
        held = self.source.held
        if held is not None and self.looped:
            if len(self.full):
                at = program.judge_loop(
                    at,
                    held,
                    self._even(self.full),
                    self._even(self.weights),
                    np.int32(len(self.full)),
                    values,
                )
            if self.last is not None:
                at = program.judge(at, held, self.last, None, values)
        else:
            for i, rows in enumerate([*self.full, *([] if self.last is None else [self.last])]):
                block, where = held, rows
                if held is None:
                    block = device.put(self.source.data.take(rows))
                    where = np.arange(len(rows), dtype=np.int32)
                own = None if self.weights is None or i >= len(self.weights) else self.weights[i]
                at = program.judge(at, block, where, own, values)
        logs = program.measures(at[2])
        return {f"val_{name}": float(value) for name, value in logs.items()}

    def _even(self, values: Array | None) -> Any:
        """Filled up to a size that others share; the loop ends before."""
        if values is None:
            return None
        more = bucket(len(values)) - len(values)
        if self.weights is None or not more:
            return jnp.asarray(values)
        return jnp.asarray(np.concatenate([values, np.repeat(values[:1], more, axis=0)]))


def _size(data: Data, rows: int) -> int:
    a_row = max(1, data.bytes // max(1, len(data)))
    return max(1, min(rows, MOST, max(32, LIGHT // a_row)))
