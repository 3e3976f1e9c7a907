"""Values as strict JSON takes them: it knows neither NaN nor infinity, nor arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


def strict(value: Any) -> Any:
    """The same with text as keys, arrays as lists, and null for what is not finite.

    >>> strict({1: (0.5, float("nan")), "b": [float("inf"), "c"]})
    {'1': [0.5, None], 'b': [None, 'c']}
    """
    if isinstance(value, Mapping):
        return {str(k): strict(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [strict(v) for v in value]
    if hasattr(value, "tolist"):
        return strict(value.tolist())
    return None if isinstance(value, float) and not math.isfinite(value) else value
