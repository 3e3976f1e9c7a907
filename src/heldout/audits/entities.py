"""Columns that may say which rows come from one thing or person, by structure alone.

Three sorts: a column named as an identifier whose values repeat; numbers so fine that equal ones
can be no accident; several columns whose values repeat together.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from heldout.core.arrays import Array, Bools, Doubles, Hashes, Ints
from heldout.splits.content import column_hash, content_columns, mix, word
from heldout.tables.schema import NULL, Column
from heldout.tables.table import Table

WORDS = (
    "patient|customer|client|user|person|subject|participant|device|sensor|machine|household|"
    "family|account|member|student|pupil|employee|worker|driver|vehicle|animal|speaker|writer"
)
SUFFIX = "id|ids|uuid|guid|nr|nbr|no|num|number|code|key|name"
NAMED = re.compile(
    rf"(?:^|[^a-z])(?:(?:{WORDS})[^a-z]?(?:{SUFFIX})|id|uuid|guid|nr|nbr|key)$", re.IGNORECASE
)
BARE = re.compile(rf"(?:^|[^a-z])(?:{WORDS})$", re.IGNORECASE)  # few numbers: may be a count
CAMEL = re.compile(r"(?:[a-z]I[Dd]|^[A-Z]{1,3}ID)$")
FEWEST, LARGEST = 10, 50  # groups at least; rows a group on average at most
MANY, EVEN = 30, 0.5  # groups at least; variance of their sizes over the mean: 1 by chance
REPEATED = 0.5  # of the rows share their group with another
TIMES = 20.0  # as many equal pairs as chance gives
MOST_STEPS = 1e8  # from the smallest number to the largest: beyond it multiples say nothing
MOST_COLUMNS, MOST_ROWS = 40, 20_000  # for the search of columns that repeat together

How = Literal["named", "fine", "even", "together", "levels"]


@dataclass(frozen=True)
class Entity:
    """``columns`` say the group; ``of`` (rows,) its code; ``groups``; ``share`` of the rows that
    are not alone in theirs; ``times`` as many equal pairs as by chance (0: not asked)."""

    columns: tuple[str, ...]
    how: How
    of: Ints
    groups: int
    share: float
    times: float = 0.0

    @property
    def size(self) -> float:
        """Rows a group, on average."""
        return len(self.of) / max(1, self.groups)


def entities(table: Table) -> Iterator[Entity]:
    """Candidates, the plainest first; each worth a question to the data."""
    columns = [c for c in table.schema if c.role in ("input", "ignored") and c.kind != "image"]
    made = []
    for column in columns:
        if _may_be_one(column, table.rows):
            values = table.arrays([column.name])[column.name]
            found = _single(column, values)
            if found is not None:
                made.append(found)
    yield from sorted(made, key=_plainest)
    together = _together(table)
    if together is not None:
        yield together


def _plainest(entity: Entity) -> tuple[bool, bool, bool, float, int]:
    """Names first, then fine numbers: those of things measured equally often before the others."""
    uneven = entity.how == "fine" and evenness(entity.of) >= EVEN
    return entity.how != "named", entity.how != "fine", uneven, -entity.times, -entity.groups


def _may_be_one(column: Column, rows: int) -> bool:
    few = column.distinct < FEWEST or rows > LARGEST * column.distinct
    return column.kind in ("number", "category", "text") and not (few and not _named(column))


def _named(column: Column) -> bool:
    text = column.kind in ("category", "text")
    if text and BARE.search(column.name):
        return True
    named = NAMED.search(column.name) or CAMEL.search(column.name)
    return (text or column.whole) and bool(named)


def _bare(column: Column) -> bool:
    """A number named like a thing or person: what it names, or how many there are of it."""
    return bool(column.whole and column.distinct >= MANY and BARE.search(column.name))


def _single(column: Column, values: Array) -> Entity | None:
    missing = np.isnan(values) if column.kind == "number" else values == NULL
    codes = np.full(len(values), -1, dtype=np.int64)
    known = values[~missing]
    if not len(known):
        return None
    codes[~missing] = np.unique(
        known.astype(str) if known.dtype == object else known, return_inverse=True
    )[1]
    codes[missing] = codes.max() + 1 + np.arange(int(missing.sum()))  # each alone
    groups, share = _shape(codes)
    bare = column.kind == "number" and _bare(column)
    if groups < FEWEST or share < (0.1 if bare or _named(column) else REPEATED):
        return None
    if _named(column):
        return Entity((column.name,), "named", codes, groups, share)
    if column.kind != "number":
        return Entity((column.name,), "levels", codes, groups, share)
    times = fineness(known)
    if times >= TIMES:
        codes = _specials_alone(codes)
        groups, share = _shape(codes)
        enough = groups >= FEWEST and share >= REPEATED
        return Entity((column.name,), "fine", codes, groups, share, times) if enough else None
    if bare or (column.whole and groups >= MANY and evenness(codes) < EVEN):
        return Entity((column.name,), "even", codes, groups, share)
    return None


def _usual(counts: Ints) -> Bools:
    """Which values are no special ones, such as a zero that stands for nothing found."""
    return np.asarray(counts <= max(50, 5 * np.median(counts)))


def _specials_alone(codes: Ints) -> Ints:
    """Rows that share nothing but a special value have nothing in common."""
    apart = ~_usual(np.bincount(codes))[codes]
    codes = codes.copy()
    codes[apart] = codes.max() + 1 + np.arange(int(apart.sum()))
    return codes


def evenness(codes: Ints) -> float:
    """Variance of the groups' sizes over their mean. Values that fall by chance have about 1
    (Poisson); a numbering of things that were measured equally often has 0.

    >>> evenness(np.repeat(np.arange(40), 4))
    0.0
    >>> evenness(np.random.default_rng(0).integers(0, 40, 160)) > 0.5
    True
    """
    counts = np.unique(codes, return_counts=True)[1]
    return float(counts.var() / counts.mean())


def _shape(codes: Ints) -> tuple[int, float]:
    counts = np.unique(codes, return_counts=True)[1]
    return len(counts), float(counts[counts > 1].sum() / max(1, len(codes)))


def fineness(values: Doubles) -> float:
    """Equal pairs of numbers over those that a smooth density, rounded as they are, would give.

    >>> rng = np.random.default_rng(0)
    >>> fineness(rng.normal(size=2000).round(3)) < 3
    True
    >>> fineness(rng.integers(0, 400, 2000) / 3) < 3
    True
    >>> fineness((rng.integers(0, 9000, 2000) / 913.7 - 1.9).round(8)) < 3  # standardized counts
    True
    >>> fineness(np.repeat(rng.normal(size=300), 6)) > 1e6
    True
    """
    distinct, counts = np.unique(values, return_counts=True)
    usual = _usual(counts)
    distinct, counts = distinct[usual], counts[usual]
    if len(distinct) < FEWEST:
        return 0.0
    step = _step(distinct)
    edges = np.unique(np.quantile(distinct, np.linspace(0, 1, min(20, len(distinct) // 5) + 1)))
    width = np.diff(edges)
    share = np.histogram(np.repeat(distinct, counts), edges)[0] / counts.sum()
    match = float((share**2 / np.maximum(width / step, 1.0)).sum())  # of two rows drawn
    n = float(counts.sum())
    chance = n * (n - 1) / 2 * match
    return float((counts * (counts - 1) / 2).sum()) / max(chance, 1e-9)


def _step(distinct: Doubles) -> float:
    """The unit of sorted numbers: the largest of which all are multiples, from some start; else the
    power of ten that they are rounded to, else what doubles can tell. Counts that were
    standardized and written with eight digits are still counts."""
    rounded = _decimals(distinct[:: max(1, len(distinct) // 500)])
    fine = rounded or float(np.spacing(np.abs(distinct).max()))
    gaps = np.diff(distinct)
    unit = float(gaps[gaps > max(20 * fine, 1e-9 * np.ptp(distinct))].min(initial=np.inf))
    if not math.isfinite(unit) or np.ptp(distinct) / unit > MOST_STEPS:
        return fine
    start, within, end = float(distinct[0]), 50.0, float(distinct[-1])
    while True:  # the unit is known better the farther one counts
        near = distinct[distinct <= start + within * unit]
        times = np.round((near - start) / unit)
        if len(near) > 1 and times[-1] > 0:
            unit = float((near - start) @ times / (times @ times))
        if np.abs(near - start - times * unit).max() > max(2 * fine, 0.1 * unit):
            return fine
        if near[-1] >= end:
            return unit
        within *= 4


def _decimals(sample: Doubles) -> float | None:
    """The power of ten that all are rounded to, where doubles can tell."""
    for power in range(-6, 13):
        scaled = np.abs(sample) * 10.0**power
        if scaled.max() > 1e12:  # what is left over then says nothing
            return None
        error = np.abs(scaled - np.round(scaled))
        if np.all(error < 1e-6 * np.maximum(1.0, scaled * 1e-6)):
            return float(10.0**-power)
    return None


def _together(table: Table) -> Entity | None:
    """The largest set of columns whose values repeat together far beyond chance."""
    if not FEWEST * 2 <= table.rows <= MOST_ROWS:
        return None
    names = [
        n
        for n in content_columns(table.schema, table.rows)
        if table.schema[n].kind in ("number", "category", "boolean", "date")
    ]
    if not 3 <= len(names) <= MOST_COLUMNS:
        return None
    arrays = table.arrays(names)
    hashes = [mix(column_hash(arrays[n], table.schema[n]) ^ word(n)) for n in names]
    total = np.zeros(table.rows, dtype=np.uint64)
    for h in hashes:
        total = total + h
    unique = np.sort(np.unique(total, return_index=True)[1])  # copies are another matter
    hashes, total = [h[unique] for h in hashes], total[unique]
    left = list(range(len(names)))
    while len(left) > 2:
        shares = [_repeated(total - hashes[c]) for c in left]
        best = int(np.argmax(shares))
        total = total - hashes[left[best]]
        del left[best]
        if shares[best] >= REPEATED + 0.1:
            return _judged(table, names, hashes, left, arrays)
    return None


def _repeated(keys: Hashes) -> float:
    counts = np.unique(keys, return_counts=True)[1]
    return float(counts[counts > 1].sum() / len(keys))


def _judged(
    table: Table, names: list[str], hashes: list[Hashes], left: list[int], arrays: dict[str, Array]
) -> Entity | None:
    """An entity if its columns say more together than any alone, and far more than by chance."""
    n = len(hashes[0])
    match, largest = 1.0, 0
    fine = sum(table.schema[names[c]].distinct >= max(20, table.rows / LARGEST) for c in left)
    if fine < 2:  # a table of few levels repeats itself by nature
        return None
    for c in left:
        counts = np.unique(hashes[c], return_counts=True)[1]
        match *= float((counts / n) @ (counts / n))
        largest = max(largest, len(counts))
    whole = np.zeros(table.rows, dtype=np.uint64)
    for c in left:
        whole = whole + mix(column_hash(arrays[names[c]], table.schema[names[c]]) ^ word(names[c]))
    codes = np.unique(whole, return_inverse=True)[1].astype(np.int64)
    counts = np.bincount(codes)
    pairs = float((counts * (counts - 1.0) / 2).sum())
    times = pairs / max(1e-9, table.rows**2 / 2 * match)
    groups, share = _shape(codes)
    if groups < max(FEWEST, 1.3 * largest) or table.rows > LARGEST * groups or times < TIMES:
        return None
    return Entity(tuple(names[c] for c in left), "together", codes, groups, share, times)
