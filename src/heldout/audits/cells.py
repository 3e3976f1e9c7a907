"""Cells as the checks of the structure read them: a bounded sample, counted by Polars.

At most ``MOST`` rows are looked at one by one, so that 5 million rows cost what 100,000 do; what
is counted over all rows (missing, distinct, lowest, highest) stands in the schema.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from heldout.audits.finding import Look
from heldout.audits.once import once, once_for
from heldout.audits.watch import watch
from heldout.core.arrays import Array, Doubles, Ints
from heldout.core.names import count
from heldout.tables import unnamed
from heldout.tables.schema import Column
from heldout.tables.table import Table

MOST = 100_000


@dataclass(frozen=True)
class Numbers:
    """A column of numbers: ``values`` (rows,) float64 with NaN, ``known`` the finite ones sorted,
    ``distinct`` and ``counts`` of those."""

    column: Column
    values: Doubles
    known: Doubles
    distinct: Doubles
    counts: Ints

    @property
    def name(self) -> str:
        """The name of the column."""
        return self.column.name


@dataclass(frozen=True)
class Levels:
    """A column of words: ``levels`` with their ``counts``, commonest first; missing left out."""

    column: Column
    levels: list[str]
    counts: Ints

    @property
    def name(self) -> str:
        """The name of the column."""
        return self.column.name

    @property
    def filled(self) -> int:
        """Cells that hold something."""
        return int(self.counts.sum())


def sampled(look: Look) -> Table:
    """The table, or ``MOST`` of its rows drawn once and kept in order."""
    return once(look, "sampled", lambda: _drawn(look))


def _drawn(look: Look) -> Table:
    table = look.table
    if table.rows <= MOST:
        return table
    rng = look.seed.child("cells").rng()
    return table.take(np.sort(rng.choice(table.rows, MOST, replace=False)))


def rows_of(look: Look) -> int:
    """How many rows were looked at one by one."""
    return sampled(look).rows


def of_rows(look: Look) -> str:
    """The rows looked at, in words.

    >>> from heldout.audits import examples
    >>> of_rows(examples.clean(600))
    '600 rows'
    """
    seen = rows_of(look)
    return f"{count(seen)} rows" + (" drawn" if seen < look.table.rows else "")


def share_of(part: int, whole: int) -> str:
    """A count with its share.

    >>> share_of(12, 600), share_of(1, 100_000)
    ('12 (2 %)', '1 (under 0.01 %)')
    """
    share = 100 * part / max(1, whole)
    told = f"{share:.2g} %" if share >= 0.01 else "under 0.01 %"
    return f"{count(part)} ({'100 %' if part == whole else told})"


def array(look: Look, name: str) -> Array:
    """The typed array of a column over the rows looked at, made once."""
    return once_for(look, "cells", name, lambda: sampled(look).arrays([name])[name])


def numbers(look: Look, least: int = 1) -> Iterator[Numbers]:
    """Every input column of numbers with at least ``least`` finite values."""
    for column in look.table.schema.inputs:
        if column.kind == "number":
            watch(look)
            made = number(look, column)
            if len(made.known) >= least:
                yield made


def number(look: Look, column: Column) -> Numbers:
    """One column of numbers, sorted and counted once."""
    return once_for(look, "numbers", column.name, lambda: _number(look, column))


def _number(look: Look, column: Column) -> Numbers:
    values = np.asarray(array(look, column.name), dtype=np.float64)
    known = np.sort(values[np.isfinite(values)])
    changes = np.r_[np.ones(min(1, len(known)), bool), known[1:] != known[:-1]]
    starts = np.flatnonzero(changes)
    counts = np.diff(np.r_[starts, len(known)]).astype(np.int64)
    return Numbers(column, values, known, known[starts], counts)


def levels(look: Look, *kinds: str, ignored: bool = False) -> Iterator[Levels]:
    """Every input column of words (of the named kinds; category if none is named)."""
    for column in look.table.schema:
        if column.kind not in (kinds or ("category",)):
            continue
        if column.role == "input" or (ignored and column.role == "ignored"):
            watch(look)
            yield level(look, column)


def level(look: Look, column: Column) -> Levels:
    """One column of words, counted once."""
    return once_for(look, "levels", column.name, lambda: _level(look, column))


def _level(look: Look, column: Column) -> Levels:
    import polars as pl

    cells = unnamed.column(sampled(look).frame, column.name)
    words = cells.cast(pl.String).drop_nulls().rename("w")
    table = words.value_counts(name="n").sort(["n", "w"], descending=[True, False])
    return Levels(column, table["w"].to_list(), table["n"].to_numpy().astype(np.int64))


def robust(known: Doubles) -> tuple[float, float]:
    """Median and spread (the interquartile range over 1.349; where that is 0, the standard
    deviation) of sorted values.

    >>> robust(np.arange(101.0))[0]
    50.0
    """
    low, middle, high = np.quantile(known, [0.25, 0.5, 0.75])
    spread = float(high - low) / 1.349
    return float(middle), spread if spread > 0 else float(known.std())
