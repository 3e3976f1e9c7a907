"""Parts of a column that a subgroup can be made of: levels, fifths of the values, the gaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from heldout.core.arrays import Array, Ints
from heldout.explain.partial import label, missing, plain
from heldout.tables.schema import Column

FIFTHS, LEVELS, FEW = 5, 12, 8


@dataclass(frozen=True)
class Part:
    """One column restricted: to a ``level``, to ``low`` <= x <= ``high`` (None: open), or to the
    rows where it is ``gone``; ``words`` say it."""

    column: str
    words: str
    level: float | str | None = None
    low: float | str | None = None
    high: float | str | None = None
    gone: bool = False

    def as_dict(self) -> dict[str, Any]:
        """JSON-able, only what applies."""
        if self.gone:
            return {"column": self.column, "missing": True}
        if self.level is not None:
            return {"column": self.column, "level": self.level}
        return {"column": self.column, "from": self.low, "to": self.high}


@dataclass(frozen=True)
class Parted:
    """``codes`` (samples,) numbers into ``parts``; -1 where a row is in none (rare levels)."""

    column: str
    codes: Ints
    parts: tuple[Part, ...]


def parted(values: Array, column: Column, fewest: int) -> Parted | None:
    """A column in parts of at least ``fewest`` samples each; None where nothing can be told
    apart (texts, pictures, constants).

    >>> from heldout.tables.schema import Column
    >>> made = parted(np.arange(10.0), Column("age", "number"), 2)
    >>> [p.words for p in made.parts][:2], made.codes[:4].tolist()
    (['age up to 1', 'age from 2 to 3'], [0, 0, 1, 1])
    """
    if column.kind not in ("number", "category", "boolean", "date"):
        return None
    gone = missing(values, column)
    codes = np.full(len(values), -1, dtype=np.int64)
    parts: list[Part] = []
    known = np.flatnonzero(~gone)
    if len(known):
        seen = values[known].astype(str) if column.kind == "category" else values[known]
        distinct, where, counts = np.unique(seen, return_inverse=True, return_counts=True)
        if column.kind == "category" or len(distinct) <= FEW:
            parts = _levels(codes, known, distinct, where, counts, column, fewest)
        else:
            parts = _fifths(codes, known, seen, distinct, column)
    if gone.sum() >= fewest:
        codes[gone] = len(parts)
        parts.append(Part(column.name, f"{column.name} is missing", gone=True))
    return Parted(column.name, codes, tuple(parts)) if len(parts) > 1 else None


def _levels(
    codes: Ints,
    known: Ints,
    distinct: Array,
    where: Ints,
    counts: Ints,
    column: Column,
    fewest: int,
) -> list[Part]:
    """The commonest levels; fills ``codes`` in place."""
    parts: list[Part] = []
    for at in np.argsort(-counts, kind="stable")[:LEVELS]:
        if counts[at] < fewest:
            break
        value = distinct[at] if column.kind != "category" else str(distinct[at])
        codes[known[where == at]] = len(parts)
        words = f"{column.name} is {label(value, column)}"
        parts.append(Part(column.name, words, level=plain(value, column)))
    return parts


def _fifths(codes: Ints, known: Ints, seen: Array, distinct: Array, column: Column) -> list[Part]:
    """Five parts of about equally many rows; equal values stay together."""
    shares = np.linspace(0, 1, FIFTHS + 1)[1:-1]
    ends = np.unique(np.quantile(seen, shares, method="inverted_cdf"))
    which = np.searchsorted(ends, seen, side="left")
    codes[known] = which
    starts = distinct[np.minimum(np.searchsorted(distinct, ends, side="right"), len(distinct) - 1)]
    parts = []
    for k in range(len(ends) + 1):
        low = starts[k - 1] if k else None
        high = ends[k] if k < len(ends) else None
        parts.append(_between(low, high, column))
    return parts


def _between(low: Any, high: Any, column: Column) -> Part:
    name = column.name
    if low is None:
        words = f"{name} up to {label(high, column)}"
    elif high is None:
        words = f"{name} from {label(low, column)} up"
    elif low == high:
        words = f"{name} is {label(low, column)}"
    else:
        words = f"{name} from {label(low, column)} to {label(high, column)}"
    ends = [None if v is None else plain(v, column) for v in (low, high)]
    return Part(name, words, low=ends[0], high=ends[1])


def together(parts: Sequence[Part]) -> str:
    """A subgroup in words: its parts joined."""
    return " and ".join(p.words for p in parts)
