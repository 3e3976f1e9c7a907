"""Plant 13 kinds of leaks in real tables and count what the audits find, and what they cry for nothing.

    python bench/leaks.py [rows]

The tables are those of the data folder that may be shipped ($HELDOUT_DATA, or shared/data beside
the checkout). Each kind is planted in each table, alone; then the untouched tables are audited.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from heldout.audits.finding import Finding, Look
from heldout.audits.review import review
from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.splits.folds import three
from heldout.splits.samples import make_samples
from heldout.tables.read import read
from heldout.tables.table import Table
from heldout.tasks.state import encode, state
from heldout.workflow.quick import quick_learner

TABLES = {
    "binary/telco_churn.csv": "Churn",
    "binary/german_credit.csv": "class",
    "binary/breast_cancer_wdbc.csv": "Class",
    "binary/mlc_churn.csv": "churn",
    "binary/adult.csv": "income",
    "regression/concrete.csv": "strength",
    "regression/power_plant.tsv": "4",
    "regression/abalone.csv": "8",
}
Rows = np.ndarray


@dataclass(frozen=True)
class Ground:
    """A table to plant in: its frame, its target, the target as codes or values, and dice."""

    frame: pl.DataFrame
    target: str
    y: Rows
    rng: np.random.Generator

    def with_column(self, values: Rows) -> pl.DataFrame:
        """The planted column, in the middle."""
        made = pl.Series("planted", values).fill_nan(None)
        return self.frame.clone().insert_column(self.frame.width // 2, made)

    @property
    def binary(self) -> bool:
        """Whether there are two classes."""
        return len(np.unique(self.y)) == 2

    @property
    def high(self) -> Rows:
        """The positive class, or the upper half."""
        return self.y == 1 if self.binary else self.y > np.median(self.y)

    def noise(self, share: float) -> Rows:
        """Normal noise, a share of the spread of the target."""
        return self.rng.normal(size=len(self.y)) * share * self.y.std()


Plant = Callable[[Ground], pl.DataFrame]


def copy(g: Ground) -> pl.DataFrame:
    return g.with_column(g.y * 2.0 + 1)


def ordered_copy(g: Ground) -> pl.DataFrame:
    blur = g.rng.random(len(g.y)) if g.binary else 0.0
    return g.with_column(np.exp((g.y - g.y.mean()) / g.y.std()) + blur)


def noisy_copy(g: Ground) -> pl.DataFrame:
    if g.binary:
        return g.with_column(np.where(g.rng.random(len(g.y)) < 0.05, 1 - g.y, g.y))
    return g.with_column(g.y + g.noise(0.2))


def missing_when_negative(g: Ground) -> pl.DataFrame:
    filled = np.where(g.rng.random(len(g.y)) < 0.03, ~g.high, g.high)
    return g.with_column(np.where(filled, g.rng.normal(size=len(g.y)), np.nan))


def filled_afterwards(g: Ground) -> pl.DataFrame:
    after = g.high & (g.rng.random(len(g.y)) < 0.7)
    return g.with_column(np.where(after, g.rng.integers(1, 9, len(g.y)), 0))


def id_in_order(g: Ground) -> pl.DataFrame:
    place = np.argsort(np.argsort(g.y + g.noise(0.1)))
    return g.frame.with_columns(pl.Series("planted_id", place + 1000))


def rows_in_order(g: Ground) -> pl.DataFrame:
    return g.frame[np.argsort(g.y + g.noise(0.3))]


def later_in_time(g: Ground) -> pl.DataFrame:
    place = np.argsort(np.argsort(g.y + g.noise(1.0)))
    day = np.datetime64("2020-01-01") + (place // 3).astype("timedelta64[D]")
    return g.frame.with_columns(pl.Series("planted_day", day))


def exact_copies(g: Ground) -> pl.DataFrame:
    again = g.rng.integers(0, len(g.y), int(0.15 * len(g.y)))
    return pl.concat([g.frame, g.frame[again]])[g.rng.permutation(len(g.y) + len(again))]


def near_copies(g: Ground) -> pl.DataFrame:
    again = g.frame[g.rng.integers(0, len(g.y), int(0.15 * len(g.y)))]
    floats = [c for c in g.frame.columns if c != g.target and g.frame[c].dtype.is_float()]
    shake = pl.Series(1 + 1e-3 * g.rng.normal(size=again.height))
    both = pl.concat([g.frame, again.with_columns(pl.col(c) * shake for c in floats)])
    return both[g.rng.permutation(both.height)]


def entities(g: Ground) -> pl.DataFrame:
    entity = np.empty(len(g.y), dtype=np.int64)
    entity[np.argsort(g.y + g.noise(0.7))] = np.arange(len(g.y)) // 6
    return g.with_column(g.rng.normal(size=len(g.y) // 6 + 1)[entity])


def pair(g: Ground) -> pl.DataFrame:
    part = (
        (g.rng.random(len(g.y)) < 0.5) * 1.0
        if g.binary
        else g.rng.uniform(0.2, 0.8, len(g.y)) * g.y
    )
    other = np.abs(g.y - part) if g.binary else g.y - part
    return g.with_column(part).with_columns(pl.Series("planted_too", other))


def self_encoding(g: Ground) -> pl.DataFrame:
    town = g.rng.integers(0, len(g.y) // 10, len(g.y))
    return g.with_column((np.bincount(town, g.y) / np.maximum(1, np.bincount(town)))[town])


KINDS: dict[str, tuple[Plant, str]] = {
    "copy": (copy, "A303"),
    "order-preserving copy": (ordered_copy, "A303 A305"),
    "noisy copy": (noisy_copy, "A303 A304 A305"),
    "missing when negative": (missing_when_negative, "A304 A303 A305"),
    "filled afterwards": (filled_afterwards, "A304 A303 A305"),
    "id in label order": (id_in_order, "A306 A303 A305"),
    "rows in label order": (rows_in_order, "A307"),
    "positives later in time": (later_in_time, "A307 A303 A304 A305"),
    "exact copies": (exact_copies, "A101"),
    "near copies": (near_copies, "no check yet"),
    "entity groups": (entities, "no check yet"),
    "pair": (pair, "A301"),
    "self-encoding": (self_encoding, "A302"),
}


def audit(table: Table, target: str) -> list[Finding]:
    """Both halves of a review, as a run makes them."""
    table = table.with_schema(table.schema.with_roles({target: "target"}, "the target"))
    task = state(table, target)
    y = encode(task, table)
    table, y = table.take(np.flatnonzero(~np.isnan(y))), y[~np.isnan(y)]
    folds = three(len(y), y, make_samples(table, task).copy_of, Seed(0))
    never, rank = Deadline.never(), np.arange(len(y))
    found = review(Look(table, None, None, (), Seed(0), never), "structure")
    look = Look(table, task, y, folds, Seed(0), never, quick_learner(task), None, rank)
    return [*found, *review(look, "target")]


def caught(findings: list[Finding], codes: str) -> bool:
    """Whether a finding of one of these codes names what was planted (or the whole table)."""
    of_kind = [f for f in findings if f.code in codes and f.severity != "note"]
    return any(any("planted" in c for c in f.where) or not f.where for f in of_kind)


def sample(folder: Path, name: str, target: str, rows: int) -> tuple[pl.DataFrame, str, Rows]:
    """Shuffled rows of a table that have a target, as the file's text would be read."""
    table = read(folder / "tables" / name)
    target = target if target in table.schema else table.schema.names[int(target)]
    ids = [c.name for c in table.schema if c.role == "ignored"]
    y = encode(state(table, target), table)
    known = np.random.default_rng(0).permutation(np.flatnonzero(~np.isnan(y)))[:rows]
    return table.frame[known].drop(ids), target, y[known]


def main(rows: int) -> None:
    """Print one line a kind, then the false alarms."""
    here = Path(__file__).resolve().parent.parent
    folder = Path(os.environ.get("HELDOUT_DATA", here.parent / "shared" / "data"))
    tables = [sample(folder, name, target, rows) for name, target in TABLES.items()]
    started = time.monotonic()
    total = 0
    for kind, (plant, codes) in KINDS.items():
        hits, missed = 0, []
        for frame, target, y in tables:
            planted = plant(Ground(frame, target, y, np.random.default_rng(1)))
            found = caught(audit(read(planted), target), codes)
            if not found:
                missed.append(target)
            hits += found
        total += hits
        print(
            f"{kind:<26} {hits} of {len(tables)}   {codes:<16} missed: {', '.join(missed) or '-'}",
            flush=True,
        )
    print(f"{'all':<26} {total} of {len(tables) * len(KINDS)}")
    alarms: list[str] = []
    for (frame, target, _), name in zip(tables, TABLES, strict=True):
        found = [f for f in audit(read(frame), target) if f.code >= "A3" and f.severity != "note"]
        alarms += [f"  {f.severity} {f.code} {name}: {f.what}" for f in found]
    print(f"on {len(tables)} untouched tables, shuffled: {len(alarms)} alarms", *alarms, sep="\n")
    print(f"{rows} rows a table, {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1500)
