"""Partial dependence: the mean answer if every row had the same value in one column.

The value is set in real rows whatever their other columns hold, so rows may arise that do not
exist: where columns hang together, read it with care. The band holds 80 % of the rows' own curves
(individual conditional expectations): where it is wide, the column acts together with others.

Sources: Friedman 2001; Goldstein et al. 2015 (curves of single rows).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from heldout.core.arrays import Array, Bools, Doubles
from heldout.core.clock import Deadline, now
from heldout.explain.permutation import Run
from heldout.tables.schema import NULL, NULL_DATE, Column, Schema
from heldout.tables.table import Columns

POINTS, LEVELS, ROWS = 10, 8, 200
BAND = (10, 90)  # per cent
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Point:
    """``value`` as JSON (missing: None), ``label`` in words; ``mean`` answer, ``low`` and ``high``
    of the band; ``n`` rows of the sample that lie nearest to this value."""

    value: float | str | None
    label: str
    mean: float
    low: float
    high: float
    n: int

    def as_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return dict(vars(self))


@dataclass(frozen=True)
class Dependence:
    """One column's curve; points in order of value, or levels from the commonest."""

    column: str
    kind: str
    points: tuple[Point, ...]

    def as_dict(self) -> dict[str, Any]:
        """JSON-able."""
        points = [p.as_dict() for p in self.points]
        return {"column": self.column, "kind": self.kind, "points": points}


def dependence(
    run: Run,
    columns: Columns,
    names: Sequence[str],
    schema: Schema,
    output: int = 0,
    deadline: Deadline | None = None,
) -> list[Dependence]:
    """The curves of ``names`` on these rows, as many as the ``deadline`` allows.

    ``columns``: typed arrays (samples,), some hundreds are enough; ``output``: which column of
    the prediction. Texts and pictures have no curve.
    """
    left = Deadline.never() if deadline is None else deadline
    found: list[Dependence] = []
    longest = 0.0
    for name in names:
        if left.left() <= longest:
            break
        started = now()
        points = tuple(_points(run, columns, schema[name], output))
        longest = max(longest, now() - started)
        if len(points) > 1:
            found.append(Dependence(name, schema[name].kind, points))
    return found


def _points(run: Run, columns: Columns, column: Column, output: int) -> Iterator[Point]:
    values = columns[column.name]
    for value, near in _grid(values, column):
        same = np.empty_like(values)
        same[:] = value
        answers: Doubles = np.asarray(run({**columns, column.name: same}))[:, output]
        low, high = np.percentile(answers, BAND)
        yield Point(
            plain(value, column),
            label(value, column),
            float(answers.mean()),
            float(low),
            float(high),
            int(near.sum()),
        )


def _grid(values: Array, column: Column) -> Iterator[tuple[Any, Bools]]:
    """Values to ask for, and which rows are nearest to each."""
    gone = missing(values, column)
    if column.kind == "category":
        levels, counts = np.unique(values[~gone].astype(str), return_counts=True)
        for at in np.lexsort((levels, -counts))[:LEVELS]:
            yield str(levels[at]), values == levels[at]
    elif column.kind in ("number", "boolean", "date") and not gone.all():
        known = values[~gone]
        ends = np.unique(known)
        if len(ends) > POINTS:
            shares = np.linspace(0.025, 0.975, POINTS)
            ends = np.unique(np.quantile(known, shares, method="inverted_cdf"))
        middle = ends[:-1] + (ends[1:] - ends[:-1]) / 2
        nearest = np.searchsorted(middle, values)
        for at, value in enumerate(ends):
            yield value, (nearest == at) & ~gone
    if gone.any() and column.kind in ("category", "number", "boolean", "date"):
        yield {"category": NULL, "date": NULL_DATE}.get(column.kind, float("nan")), gone


def missing(values: Array, column: Column) -> Bools:
    """Which rows have no value; infinities count as missing (contract 5)."""
    if column.kind in ("category", "text"):
        return np.asarray(values == NULL, dtype=bool)
    if column.kind == "date":
        return np.asarray(values == NULL_DATE, dtype=bool)
    return ~np.isfinite(np.asarray(values, dtype=np.float64))


def plain(value: Any, column: Column) -> float | str | None:
    """A typed value as JSON: dates as ISO text, missing as None.

    >>> plain(86_400_000_000, Column("day", "date"))
    '1970-01-02'
    """
    if isinstance(value, str):
        return None if value == NULL else value
    if column.kind == "date":
        if value == NULL_DATE:
            return None
        try:
            moment = _EPOCH + timedelta(microseconds=int(value))
        except OverflowError:
            return str(value)
        return moment.date().isoformat() if _is_midnight(moment) else moment.isoformat()[:19]
    return None if not np.isfinite(value) else float(value)


def _is_midnight(moment: datetime) -> bool:
    return (moment.hour, moment.minute, moment.second) == (0, 0, 0)


def label(value: Any, column: Column) -> str:
    """The same in words.

    >>> label(float("nan"), Column("age", "number")), label(1234567.0, Column("pay", "number"))
    ('missing', '1,234,567')
    """
    found = plain(value, column)
    if found is None:
        return "missing"
    if isinstance(found, str):
        return found
    if column.kind == "boolean" and len(column.levels) == 2:
        return column.levels[int(found)]
    return f"{found:,.0f}" if found == round(found) and abs(found) < 1e15 else f"{found:,.4g}"
