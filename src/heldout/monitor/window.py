"""Count a live window chunk by chunk, in the bins and levels of the reference.

Memory does not grow with rows: counts are kept, never the rows themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from heldout.bundle.reference import bin_counts, level_counts, measure
from heldout.core.arrays import Array, Doubles, Ints
from heldout.monitor.seen import ColumnSeen, Labeled, ScoreSeen, Seen
from heldout.tables.schema import Column, Schema
from heldout.tables.table import Columns


class Window:
    """``add`` accepted rows, ``refuse`` cells that the schema does not take, then ``seen``."""

    def __init__(self, reference: Mapping[str, Any], schema: Schema) -> None:
        self.reference = reference
        self.schema = schema
        self.rows = 0
        self.refused = 0
        self._missing: tuple[str, ...] = ()
        self._extra: tuple[str, ...] = ()
        described: Mapping[str, Any] = reference.get("columns", {})
        self._columns = {
            c.name: _Count(c, described[c.name]) for c in schema.inputs if c.name in described
        }
        self._scores = [_ScoreCount(stored) for stored in reference.get("scores", ())]

    def add(self, columns: Columns, predictions: Doubles | None = None) -> None:
        """Count accepted rows: typed arrays (rows,), and predictions (rows, outputs)."""
        self.rows += max((len(v) for v in columns.values()), default=0)
        for name, values in columns.items():
            if name in self._columns:
                self._columns[name].add(values)
        if predictions is not None:
            self._add_scores(np.asarray(predictions, dtype=np.float64))

    def _add_scores(self, predictions: Doubles) -> None:
        for count, values in zip(self._scores, predictions.T, strict=False):
            count.add(values[np.isfinite(values)])

    def refuse(self, column: str, expected: str = "", cells: int = 1) -> None:
        """Count cells of a column that its kind does not take."""
        if column in self._columns:
            self._columns[column].refused += cells
            self._columns[column].expected = expected or self._columns[column].expected

    def refuse_rows(self, rows: int) -> None:
        """Count rows that could not be answered."""
        self.refused += rows

    def header(self, names: Sequence[str]) -> None:
        """Compare the columns of a source with those of the schema."""
        known = {*self.schema.names, *self.reference.get("ignored", ())}
        self._missing = tuple(c.name for c in self.schema.inputs if c.name not in set(names))
        self._extra = tuple(n for n in names if n not in known)

    def seen(
        self, outputs: Sequence[str] = (), labeled: Labeled | None = None, only: int | None = None
    ) -> Seen:
        """The counts as alarms look at them. ``outputs`` names the model's outputs; ``only`` is
        the one output that is watched where the others follow from it (two classes)."""
        trained = int(self.reference.get("rows") or 0)
        columns = tuple(
            count.seen(trained) for n, count in self._columns.items() if n not in self._missing
        )
        scores = tuple(
            count.seen(outputs[i] if i < len(outputs) else "predictions")
            for i, count in enumerate(self._scores)
            if count.rows and (only is None or i == only)
        )
        return Seen(
            trained,
            self.rows + self.refused,
            columns,
            scores,
            self._missing,
            self._extra,
            self.refused,
            labeled,
        )


class _Count:
    """Counts of one column."""

    def __init__(self, column: Column, reference: Mapping[str, Any]) -> None:
        self.column = column
        self.reference = reference
        self.rows = 0
        self.nulls = 0
        self.refused = 0
        self.expected = ""
        self.below = 0
        self.above = 0
        self.smallest: float | None = None
        self.largest: float | None = None
        self.levels: Counter[str] = Counter()
        leveled = "levels" in reference
        self.bins = None if leveled else np.zeros(len(reference["edges"]) + 1, dtype=np.int64)

    def add(self, values: Array) -> None:
        self.rows += len(values)
        if self.bins is None:
            self._add_levels(values)
            return
        numbers, null = measure(values, self.column)
        numbers = numbers[~null]
        self.nulls += int(null.sum())
        self.bins = self.bins + bin_counts(numbers, self.reference["edges"])
        if len(numbers) == 0:
            return
        low, high = self.reference.get("low"), self.reference.get("high")
        if low is not None and high is not None:
            self.below += int((numbers < low).sum())
            self.above += int((numbers > high).sum())
        smallest, largest = float(numbers.min()), float(numbers.max())
        self.smallest = smallest if self.smallest is None else min(self.smallest, smallest)
        self.largest = largest if self.largest is None else max(self.largest, largest)

    def _add_levels(self, values: Array) -> None:
        if self.column.kind == "boolean":
            no, yes = self.column.levels if len(self.column.levels) == 2 else ("false", "true")
            found = {no: int((values == 0).sum()), yes: int((values == 1).sum())}
        else:
            found = level_counts(values)
        self.levels.update(found)
        self.nulls += len(values) - sum(found.values())

    def seen(self, trained: int) -> ColumnSeen:
        return ColumnSeen(
            self.column.name,
            self.column.kind,
            self.reference,
            trained,
            self.rows,
            self.nulls,
            self.bins,
            dict(self.levels),
            self.below,
            self.above,
            self.refused,
            self.expected,
            self.largest,
            self.smallest,
        )


class _ScoreCount:
    """Counts and moments of one output."""

    def __init__(self, reference: Mapping[str, Any]) -> None:
        self.reference = reference
        self.bins: Ints = np.zeros(len(reference["edges"]) + 1, dtype=np.int64)
        self.rows = 0
        self.total = 0.0
        self.squares = 0.0  # of distances from the reference's mean, so that nothing cancels

    @property
    def middle(self) -> float:
        return float(self.reference.get("mean") or 0.0)

    def add(self, values: Doubles) -> None:
        self.rows += len(values)
        self.bins = self.bins + bin_counts(values, self.reference["edges"])
        self.total += float((values - self.middle).sum())
        self.squares += float(((values - self.middle) ** 2).sum())

    def seen(self, output: str) -> ScoreSeen:
        moved = self.total / self.rows
        variance = max(0.0, self.squares / self.rows - moved**2)
        return ScoreSeen(
            output, self.reference, self.bins, self.middle + moved, float(np.sqrt(variance))
        )
