"""What networks are trained on: arrays that members refer to by row (no copy per fold)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from heldout.core.arrays import Array

Arrays = Any
"""One array, or a tuple, list or dict of them: what the model takes."""


def each(change: Callable[[Array], Any], arrays: Arrays) -> Any:
    """The same structure with ``change`` applied to every array.

    >>> each(len, {"a": [1, 2], "b": ([3], [4])})
    {'a': 2, 'b': (1, 1)}
    """
    if arrays is None:
        return None
    if isinstance(arrays, Mapping):
        return {name: each(change, part) for name, part in arrays.items()}
    if isinstance(arrays, tuple) or (isinstance(arrays, list) and _holds_arrays(arrays)):
        return type(arrays)(each(change, part) for part in arrays)
    return change(arrays)


def leaves(arrays: Arrays) -> list[Array]:
    """The arrays in order."""
    found: list[Array] = []
    each(found.append, arrays)
    return found


def _holds_arrays(values: list[Any]) -> bool:
    """A list of arrays is several inputs; a list of (lists of) numbers is one array."""
    return bool(values) and all(
        getattr(v, "ndim", 0) > 0
        or isinstance(v, Mapping)
        or (isinstance(v, list) and _holds_arrays(v))
        for v in values
    )


@dataclass(frozen=True)
class Data:
    """``x`` and ``y``: arrays of n rows, or tuples, lists, dicts of them, as the model takes them;
    ``weights`` (n,) or None. Doubles become float32, whole numbers int32, as Keras does; memory
    maps stay on disk and are read in blocks."""

    x: Arrays
    y: Arrays = None
    weights: Array | None = None

    @classmethod
    def of(
        cls,
        x: Arrays,
        y: Arrays = None,
        weights: Any = None,
        class_weight: Mapping[int, float] | None = None,
    ) -> Data:
        """Arrays of equal length; ``class_weight`` {class: weight} multiplies the weights.

        >>> Data.of([[1.0], [2.0]], [0, 1], class_weight={0: 1.0, 1: 3.0}).weights.tolist()
        [1.0, 3.0]
        """
        x, y = each(_as_array, x), each(_as_array, y)
        w: Array | None = None if weights is None else np.asarray(weights, dtype=np.float32)
        lengths = {len(part) for part in (*leaves(x), *leaves(y), *([] if w is None else [w]))}
        if len(lengths) != 1:
            raise ValueError(f"arrays of different lengths: {sorted(lengths)}")
        if class_weight is not None:
            w = _by_class(y, class_weight) * (1.0 if w is None else w)
        return cls(x, y, w)

    def __len__(self) -> int:
        return len(leaves(self.x)[0])

    @property
    def bytes(self) -> int:
        """Of all arrays together."""
        return sum(int(part.nbytes) for part in leaves((self.x, self.y, self.weights)))

    def take(self, rows: Array) -> Data:
        """These rows, in memory."""
        picked = each(lambda part: np.ascontiguousarray(part[rows]), (self.x, self.y, self.weights))
        return Data(*picked)

    def like(self, rows: int) -> Data:
        """The same kinds of arrays, zeros, with this many rows."""
        made = each(
            lambda part: np.zeros((rows, *part.shape[1:]), part.dtype),
            (self.x, self.y, self.weights),
        )
        return Data(*made)


def _as_array(values: Any) -> Array:
    """float64 to float32, whole numbers to int32; what is mapped from disk is left there."""
    array = values if isinstance(values, np.memmap) else np.asarray(values)
    if array.dtype == np.float64:
        return array.astype(np.float32)
    if array.dtype in (np.int64, np.uint64, np.uint32):
        return array.astype(np.int32)
    if array.dtype.kind not in "fiub":
        raise ValueError(f"arrays of {array.dtype} cannot enter a network: encode them first")
    return array


def _by_class(y: Arrays, class_weight: Mapping[int, float]) -> Array:
    """A weight a row; ``y`` holds codes, or one column a class."""
    if not isinstance(y, np.ndarray):
        raise ValueError("class weights need one target of class codes")
    codes = y.argmax(axis=1) if y.ndim == 2 and y.shape[1] > 1 else y.reshape(len(y))
    codes = codes.astype(np.int64)
    missing = sorted(set(codes.tolist()) - set(class_weight))
    if missing:
        raise ValueError(f"no class weight for the classes {missing}")
    table = np.array([class_weight.get(k, 0.0) for k in range(int(codes.max()) + 1)], np.float32)
    weights: Array = table[codes]
    return weights
