"""The watch, simulated on real tables: how often a calm look rings, and what planted drift it sees.

    HELDOUT_DATA=... python bench/watching.py [looks]

Each look draws two disjoint parts of one table at random: what a bundle would carry is made from
the first, the second is the new data. Nothing changed between them, so every alarm is false;
promised is one look in 100. The answers that are watched are a fixed function of each row. Then one
change is planted in one column: a shift of a number, a share of values gone, a share of a new level.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from heldout.bundle.reference import build_reference
from heldout.core.seed import Seed
from heldout.monitor.compare import Report, compare
from heldout.stats.intervals import wilson
from heldout.tables.read import read
from heldout.tables.schema import NULL, Schema

TABLES = (
    ("binary/telco_churn.csv", "Churn"),
    ("binary/bank_marketing.csv", "y"),
    ("regression/california_housing.csv", "median_house_value"),
)
SIZES = ((2000, 200), (4000, 2000))  # rows of training, new rows
Columns = dict[str, np.ndarray]
Change = Callable[[Columns, np.random.Generator], None]


class Stream:
    """A table cut into what training saw and what came later, again and again."""

    def __init__(self, path: Path, target: str) -> None:
        table = read(path)
        keep = [c for c in table.schema if c.role == "input" and c.name != target]
        self.schema = Schema(tuple(keep))
        self.columns = table.arrays([c.name for c in keep])
        self.rows = table.rows
        self.answers = answers(self.columns)

    def look(self, trained: int, fresh: int, seed: int, change: Change | None = None) -> Report:
        """One look at new rows, in which something may have been changed."""
        rng = Seed(seed).child("watch", trained, fresh).rng()
        order = rng.permutation(self.rows)
        old, new = order[:trained], order[trained : trained + fresh]
        reference = build_reference(self.take(old), self.schema, self.answers[old])
        live = self.take(new)
        if change is not None:
            change(live, rng)
        return compare(reference, self.schema, live, self.answers[new])

    def take(self, rows: np.ndarray) -> Columns:
        """Some rows of every column."""
        return {name: values[rows].copy() for name, values in self.columns.items()}

    def first(self, *kinds: str) -> str | None:
        """The first column of these kinds."""
        return next((c.name for c in self.schema if c.kind in kinds), None)


def answers(columns: Columns) -> np.ndarray:
    """(rows, 2): a fixed function of the row, between 0 and 1."""
    numbers = [v for v in columns.values() if v.dtype.kind == "f"]
    total = np.zeros(len(next(iter(columns.values()))))
    for values in numbers:
        known = values[np.isfinite(values)]
        spread = known.std() or 1.0
        total += np.where(np.isfinite(values), (values - known.mean()) / spread, 0.0)
    p = 1 / (1 + np.exp(-total / max(1, len(numbers)) ** 0.5))
    return np.column_stack([1 - p, p])


def shifted(name: str, deviations: float) -> Change:
    """Every value of a number moved by a part of its standard deviation."""

    def change(columns: Columns, _rng: np.random.Generator) -> None:
        columns[name] += deviations * np.nanstd(columns[name])

    return change


def gone(name: str, share: float) -> Change:
    """A share of the values of a number is missing."""

    def change(columns: Columns, rng: np.random.Generator) -> None:
        columns[name][rng.random(len(columns[name])) < share] = np.nan

    return change


def renamed(name: str, share: float) -> Change:
    """A share of the rows holds a level that training never saw."""

    def change(columns: Columns, rng: np.random.Generator) -> None:
        values = columns[name]
        hit = (rng.random(len(values)) < share) & (values != NULL)
        values[hit] = "never seen before"

    return change


def planted(stream: Stream) -> Iterator[tuple[str, str, Change]]:
    """What is changed, in which column, how."""
    number, level = stream.first("number"), stream.first("category")
    if number:
        for deviations in (0.1, 0.2, 0.3, 0.5):
            yield f"shift {deviations:g} sd", number, shifted(number, deviations)
        for share in (0.02, 0.05, 0.1):
            yield f"missing {share:.0%}", number, gone(number, share)
    if level:
        for share in (0.02, 0.05):
            yield f"new level {share:.0%}", level, renamed(level, share)


def main() -> None:
    """Print both tables."""
    looks = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    streams = [
        (path, Stream(Path(os.environ["HELDOUT_DATA"]) / "tables" / path, target))
        for path, target in TABLES
    ]
    print(
        f"{'calm':<34}{'trained':>8}{'new':>6}{'looks':>7}{'rang':>6}   95 % interval", flush=True
    )
    total, rang_in_all = 0, 0
    for path, stream in streams:
        for trained, fresh in SIZES:
            rang = sum(bool(stream.look(trained, fresh, i).alarms) for i in range(looks))
            low, high = wilson(rang, looks)
            total, rang_in_all = total + looks, rang_in_all + rang
            print(
                f"{path:<34}{trained:>8}{fresh:>6}{looks:>7}{rang:>6}   {low:.1%} to {high:.1%}",
                flush=True,
            )
    low, high = wilson(rang_in_all, total)
    print(f"{'all':<34}{'':>14}{total:>7}{rang_in_all:>6}   {low:.1%} to {high:.1%}\n", flush=True)
    print(f"{'planted':<18}{'table':<34}{'new':>6}{'seen':>6}{'by warn':>9}", flush=True)
    fewer = max(10, looks // 10)
    for path, stream in streams:
        for what, column, change in planted(stream):
            for trained, fresh in SIZES:
                reports = [stream.look(trained, fresh, i, change) for i in range(fewer)]
                mine = [[a for a in r.alarms if a.where == column] for r in reports]
                seen = sum(bool(found) for found in mine) / fewer
                loud = sum(any(a.severity != "note" for a in found) for found in mine) / fewer
                print(f"{what:<18}{path:<34}{fresh:>6}{seen:>6.0%}{loud:>9.0%}", flush=True)


if __name__ == "__main__":
    main()
