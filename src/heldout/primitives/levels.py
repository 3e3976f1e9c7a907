"""Levels of categories as whole numbers, in NumPy and in the graph.

Code 0 is missing, code 1 is every level that was not kept (rare, or never seen), the kept levels
follow from 2 on in their natural order. Texts are compared letter by letter: no case folding, no
Unicode normalization (that is done, once, at the edge).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from heldout.core.arrays import Array, Ints
from heldout.tables.schema import NULL

if TYPE_CHECKING:
    from heldout.graph.tape import Tape

MISSING, OTHER, FIRST = 0, 1, 2


class _Codes(dict[str, int]):
    """Level to code; whatever is not a kept level is OTHER."""

    def __missing__(self, level: str) -> int:
        return OTHER


def _natural(level: str) -> tuple[float, str]:
    """Levels that are numbers in order of size, before all others."""
    try:
        value = float(level)
    except ValueError:
        return (np.inf, level)
    return (np.inf if np.isnan(value) else value, level)


def learn(values: Array, max_levels: int | None = None, min_count: int = 5) -> list[str]:
    """The levels worth keeping: seen at least ``min_count`` times, the commonest first to stay.

    Fewer than five rows with a level could point at a person, and teach nothing (contract 17).

    >>> learn(np.array(["b", "a", "b", "10", "9", "9", "10"], dtype=object), min_count=2)
    ['9', '10', 'b']
    """
    counts = Counter(values.tolist())
    counts.pop(NULL, None)
    kept = [level for level, n in counts.items() if n >= min_count]
    if max_levels is not None and len(kept) > max_levels:
        kept = sorted(kept, key=lambda level: (-counts[level], _natural(level)))[:max_levels]
    return sorted(kept, key=_natural)


def encode(levels: Sequence[str], values: Array, codes: Sequence[int] | None = None) -> Ints:
    """Codes (rows,) of ``values``; ``codes`` are those of the levels, if not 2, 3, 4, ..."""
    table = _Codes(zip(levels, codes or range(FIRST, FIRST + len(levels)), strict=True))
    table[NULL] = MISSING
    return np.fromiter(map(table.__getitem__, values.tolist()), np.int64, len(values))


def encode_onnx(
    levels: Sequence[str], tape: Tape, name: str, codes: Sequence[int] | None = None
) -> str:
    """The same on a tape: string [N, 1] to int64 [N, 1]."""
    return tape.ml(
        "LabelEncoder",
        name,
        keys_strings=[NULL, *levels],
        values_int64s=[MISSING, *(codes or range(FIRST, FIRST + len(levels)))],
        default_int64=OTHER,
    )


def name_of(code: int, levels: Sequence[str]) -> str:
    """How a code is shown.

    >>> [name_of(code, ["red"]) for code in range(3)]
    ['(missing)', '(other)', 'red']
    """
    return ("(missing)", "(other)")[code] if code < FIRST else levels[code - FIRST]
