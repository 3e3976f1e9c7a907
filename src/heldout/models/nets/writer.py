"""What the operations of a traced network are written with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from heldout.core.arrays import Array
from heldout.models.nets.record import Recorder

TYPES = {
    "float32": "float",
    "float64": "double",
    "int32": "int32",
    "int64": "int64",
    "bool": "bool",
    "uint8": "uint8",
}
Value = Array | str
"""Known now, or the name of a result."""


class UnwritableError(ValueError):
    """Why a network cannot become a graph."""


@dataclass
class Writer:
    """``rows`` is the free number of rows, as JAX writes it."""

    recorder: Recorder
    rows: Any

    def name(self, value: Value) -> str:
        """A value that is known becomes a constant."""
        return value if isinstance(value, str) else self.recorder.const(value)

    def op(self, kind: str, *inputs: Value, **attributes: Any) -> str:
        """A node."""
        return self.recorder.op(kind, *(self.name(v) for v in inputs), **attributes)

    def whole(self, *numbers: int) -> Array:
        """Axes, sizes: int64 (k,)."""
        return np.array(numbers, np.int64)

    def cast(self, value: Value, dtype: Any) -> str:
        """As this type."""
        return self.op("Cast", value, to=type_of(dtype))

    def transpose(self, value: Value, order: Sequence[int]) -> Value:
        """Axes in another order."""
        if list(order) == list(range(len(order))):
            return value
        if not isinstance(value, str):
            return np.ascontiguousarray(np.transpose(value, order))
        return self.op("Transpose", value, perm=[int(i) for i in order])

    def at(self, value: Value, place: int) -> Value:
        """One entry of the first axis."""
        if not isinstance(value, str):
            return np.asarray(value[place])
        return self.op("Gather", value, np.array(place, np.int64), axis=0)

    def stack(self, values: Sequence[Value]) -> Value:
        """Along a new first axis."""
        if not any(isinstance(v, str) for v in values):
            return np.stack([np.asarray(v) for v in values])
        raised = [self.op("Unsqueeze", v, self.whole(0)) for v in values]
        return self.op("Concat", *raised, axis=0)

    def shape(self, sizes: Sequence[Any]) -> Value:
        """Sizes as int64 (k,), those that depend on the number of rows among them."""
        if all(isinstance(s, int) for s in sizes):
            return self.whole(*sizes)
        rows = self.op("Shape", self.recorder.input(0), start=0, end=1)
        parts: list[Value] = []
        for size in sizes:
            if isinstance(size, int):
                parts.append(self.whole(size))
            else:
                times = self._times(size)
                parts.append(rows if times == 1 else self.op("Mul", rows, self.whole(times)))
        return parts[0] if len(parts) == 1 else self.op("Concat", *parts, axis=0)

    def _times(self, size: Any) -> int:
        try:
            times = size // self.rows
            if isinstance(times, int) and times * self.rows == size:
                return times
        except Exception as error:  # JAX' own errors of symbolic sizes
            raise UnwritableError(f"the size {size} depends on the number of rows") from error
        raise UnwritableError(f"the size {size} depends on the number of rows")


def type_of(dtype: Any) -> str:
    """The tape's name of a dtype."""
    name = str(np.dtype(dtype)) if str(dtype) != "bfloat16" else "bfloat16"
    if name not in TYPES:
        raise UnwritableError(f"it computes in {name}")
    return TYPES[name]
