"""Why one answer: what changes when a column of the row takes an ordinary value.

Two questions are asked of each column and averaged: how far does the answer move when the
row's value becomes the reference's, and when the reference's becomes the row's. That is exact for
a model that adds its columns up; what columns do only together is told as ``together``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.explain.permutation import Run
from heldout.tables.schema import NULL, NULL_DATE, Column, Schema
from heldout.tables.table import Columns


@dataclass(frozen=True)
class Contribution:
    """``effect`` of one column on the answer, in the answer's own unit."""

    column: str
    value: Any
    reference: Any
    effect: float


@dataclass(frozen=True)
class RowExplained:
    """``answer`` for the row, ``base`` for the reference, what each column adds, largest first;
    base + effects + together = answer."""

    answer: float
    base: float
    contributions: tuple[Contribution, ...]
    together: float


def explain_row(
    run: Run, row: Columns, reference: Mapping[str, Any], output: int = 0
) -> RowExplained:
    """Contributions of the columns of one row.

    ``row``: typed arrays of shape (1,); ``reference``: a value per column (``reference_row``);
    ``output``: which column of the prediction is explained. One call of ``run`` on
    2 x columns + 2 rows.
    """
    names = list(row)
    batch = _batch(row, reference, names)
    answers: Doubles = np.asarray(run(batch), dtype=np.float64)[:, output]
    own, base = float(answers[0]), float(answers[1])
    without, alone = answers[2 : 2 + len(names)], answers[2 + len(names) :]
    effects = ((own - without) + (alone - base)) / 2
    told = [
        Contribution(name, _plain(row[name][0]), _plain(reference[name]), float(effect))
        for name, effect in zip(names, effects, strict=True)
    ]
    told.sort(key=lambda c: -abs(c.effect))
    return RowExplained(own, base, tuple(told), own - base - float(effects.sum()))


def _batch(row: Columns, reference: Mapping[str, Any], names: list[str]) -> dict[str, Array]:
    """The row, the reference, the row with one column of the reference, and the reverse."""
    made = {}
    for at, name in enumerate(names):
        own, other = row[name][0], reference[name]
        values = np.empty(2 + 2 * len(names), dtype=row[name].dtype)
        values[0], values[1] = own, other
        values[2 : 2 + len(names)] = own
        values[2 + len(names) :] = other
        values[2 + at], values[2 + len(names) + at] = other, own
        made[name] = values
    return made


def reference_row(schema: Schema, reference: Mapping[str, Any]) -> dict[str, Any]:
    """An ordinary row from ``reference.json``: medians, commonest levels, missing texts."""
    described: Mapping[str, Any] = reference.get("columns", {})
    return {c.name: _ordinary(c, described.get(c.name, {})) for c in schema.inputs}


def _ordinary(column: Column, described: Mapping[str, Any]) -> Any:
    levels: Mapping[str, int] = described.get("levels") or {}
    commonest = max(levels, key=lambda level: levels[level]) if levels else None
    if column.kind == "category":
        return NULL if commonest is None else commonest
    if column.kind == "boolean":
        if commonest is None:
            return float("nan")
        return float(column.levels.index(commonest)) if commonest in column.levels else 0.0
    if column.kind in ("text", "image"):
        return NULL
    middle = _median(described)
    if column.kind == "date":
        return NULL_DATE if middle is None else int(middle)
    return float("nan") if middle is None else middle


def _median(described: Mapping[str, Any]) -> float | None:
    """The edge at which half of the counted values lie below."""
    edges, counts = described.get("edges") or [], described.get("counts") or []
    low, high = described.get("low"), described.get("high")
    if not edges:
        return None if low is None or high is None else (float(low) + float(high)) / 2
    below = np.cumsum(counts)[:-1]
    return float(edges[int(np.argmin(np.abs(below - sum(counts) / 2)))])


def _plain(value: Any) -> Any:
    """A value as JSON shows it; missing as None."""
    if isinstance(value, str):
        return None if value == NULL else value
    if value == NULL_DATE or np.isnan(value):
        return None
    return value.item() if hasattr(value, "item") else value
