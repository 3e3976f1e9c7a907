"""What columns say of each other: rank correlations, where cells are missing, means over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from heldout.core.arrays import Doubles
from heldout.tables import unnamed
from heldout.tables.table import Table

BLOCKS = 20  # parts of the file, first to last
PERIODS = 36
FEWEST = 10  # rows that both columns must fill


@dataclass(frozen=True)
class Course:
    """Rows and means by stretches of equal length: ``at`` (stretches,) are their middles in
    microseconds UTC, ``means`` by column (NaN where a stretch is empty)."""

    date: str
    at: tuple[float, ...]
    rows: tuple[int, ...]
    means: tuple[tuple[str, tuple[float, ...]], ...]
    between: tuple[float, float]


def correlations(table: Table, names: Sequence[str]) -> Doubles:
    """Spearman's rank correlation (columns, columns) of numbers and booleans, over the rows that
    both fill; NaN where there are too few, or one value alone.

    >>> from heldout.tables.read import read
    >>> t = read({"a": [i + 0.5 for i in range(30)], "b": [-(i**3) + 0.5 for i in range(30)]})
    >>> correlations(t, ["a", "b"]).round(3).tolist()
    [[1.0, -1.0], [-1.0, 1.0]]
    """
    arrays = table.arrays(names)
    columns = [np.asarray(arrays[n], dtype=np.float64) for n in names]
    known = [np.isfinite(c) for c in columns]
    ranks = [_ranks(c, k) for c, k in zip(columns, known, strict=True)]
    made = np.full((len(names), len(names)), np.nan)
    for i in range(len(names)):
        for j in range(i, len(names)):
            made[i, j] = made[j, i] = _pearson(ranks[i], ranks[j], known[i] & known[j])
    return made


def _ranks(values: Doubles, known: np.ndarray) -> Doubles:
    """Mean ranks of the known values, 0 elsewhere."""
    made = np.zeros(len(values))
    _, inverse, counts = np.unique(values[known], return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    made[known] = (ends - (counts - 1) / 2)[inverse.reshape(-1)]
    return made


def _pearson(a: Doubles, b: Doubles, both: np.ndarray) -> float:
    if both.sum() < FEWEST:
        return float("nan")
    x, y = a[both] - a[both].mean(), b[both] - b[both].mean()
    scale = float(np.sqrt((x @ x) * (y @ y)))
    return float(np.clip((x @ y) / scale, -1, 1)) if scale > 0 else float("nan")


def missing_along(table: Table, names: Sequence[str], blocks: int = BLOCKS) -> Doubles:
    """Share of missing cells (columns, blocks) in equal parts of the file, first to last.

    >>> from heldout.tables.read import read
    >>> t = read({"a": [1.5, 2.5, None, None] * 1, "b": [1.5, 2.5, 3.5, 4.5]})
    >>> missing_along(t, ["a"], 2).tolist()
    [[0.0, 1.0]]
    """
    blocks = max(1, min(blocks, table.rows))
    ends = np.linspace(0, table.rows, blocks + 1).astype(np.int64)
    made = np.zeros((len(names), blocks))
    for i, name in enumerate(names):
        nulls = unnamed.column(table.frame, name).is_null()
        for j in range(blocks):
            made[i, j] = float(nulls[int(ends[j]) : int(ends[j + 1])].mean() or 0.0)  # type: ignore[arg-type]
    return made


def over_time(
    table: Table, date: str, names: Sequence[str], between: tuple[float, float] | None = None
) -> Course | None:
    """Rows and means of numbers over the time that a column of dates covers, or ``between`` two
    moments (microseconds UTC); None where it covers one moment only."""
    import polars as pl

    moment = (
        unnamed.column(table.frame, date).cast(pl.Datetime("us")).to_physical().rename("moment")
    )
    low, high = between or (moment.min(), moment.max())
    if low is None or high is None or low == high:
        return None
    first, last = float(low), float(high)  # type: ignore[arg-type]
    step = (last - first) / PERIODS
    place = ((moment.cast(pl.Float64) - first) / step).floor().clip(0, PERIODS - 1)
    columns = [
        unnamed.column(table.frame, n).cast(pl.Float64).rename(f"c{i}") for i, n in enumerate(names)
    ]
    frame = pl.DataFrame([place.cast(pl.Int64).rename("place"), *columns]).drop_nulls("place")
    told = frame.group_by("place").agg(pl.len().alias("n"), pl.exclude("place").mean())
    rows = np.zeros(PERIODS, dtype=np.int64)
    at = told["place"].to_numpy()
    rows[at] = told["n"].to_numpy()
    means = []
    for i, name in enumerate(names):
        line = np.full(PERIODS, np.nan)
        line[at] = told[f"c{i}"].fill_null(float("nan")).to_numpy()
        means.append((name, tuple(line.tolist())))
    middles = first + step * (np.arange(PERIODS) + 0.5)
    return Course(date, tuple(middles.tolist()), tuple(rows.tolist()), tuple(means), (first, last))
