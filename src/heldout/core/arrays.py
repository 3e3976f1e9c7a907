"""Names for array types; typing only, NumPy is not imported at run time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Doubles: TypeAlias = NDArray[np.float64]
    Floats: TypeAlias = NDArray[np.float32]
    Ints: TypeAlias = NDArray[np.int64]
    Codes: TypeAlias = NDArray[np.int32]
    Bools: TypeAlias = NDArray[np.bool_]
    Hashes: TypeAlias = NDArray[np.uint64]
    Texts: TypeAlias = NDArray[np.object_]
    Array: TypeAlias = NDArray[Any]
else:
    Doubles = Floats = Ints = Codes = Bools = Hashes = Texts = Array = Any
