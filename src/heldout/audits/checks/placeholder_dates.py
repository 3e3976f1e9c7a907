"""Dates that stand for "none": 1900-01-01, 1970-01-01, 9999-12-31."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import applies, examples
from heldout.audits.cells import array, of_rows, share_of
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.audits.watch import watch
from heldout.core.arrays import Ints
from heldout.tables.schema import NULL_DATE

DAY = 86_400_000_000
KNOWN = (
    "0001-01-01", "1753-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1901-01-01", "1970-01-01",
    "1980-01-01", "2000-01-01", "2099-12-31", "2100-01-01", "2199-12-31", "9999-12-31", "2999-12-31",
)  # fmt: skip
FEWEST, TIMES = 3, 20.0
UNLIKELY = {"0001", "1753", "1899", "1900", "2199", "9999", "2999"}


def run(look: Look) -> Iterator[Finding]:
    """Such a day at least three times and 20 times as often as a usual one, or an impossible year."""
    for column in look.table.schema.inputs:
        if column.kind != "date":
            continue
        watch(look)
        stored = array(look, column.name)
        days: Ints = np.floor_divide(stored[stored != NULL_DATE], DAY)
        distinct, counts = np.unique(days, return_counts=True)
        for text in KNOWN:
            at = np.flatnonzero(distinct == int(np.datetime64(text, "D").astype(np.int64)))
            if not len(at) or len(distinct) < 3:
                continue
            times = int(counts[at[0]])
            usual = float(np.median(np.delete(counts, at[0])))
            often = times >= TIMES * usual
            if times >= FEWEST and (often or text[:4] in UNLIKELY):
                yield Finding(
                    "A460",
                    "placeholder_dates",
                    "warn",
                    f"`{column.name}`: {text} in {share_of(times, len(days))} of {of_rows(look)}",
                    (column.name,),
                    {"date": text, "rows": times},
                    "a day that stands for none pulls every difference of dates",
                    "kept as a date",
                    "empty these cells in the file",
                )


def example() -> Look:
    """A tenth on the first day of Unix."""
    rng = np.random.default_rng(0)
    day = np.datetime64("2023-01-01") + rng.integers(0, 300, 400).astype("timedelta64[D]")
    day[::10] = np.datetime64("1970-01-01")
    return examples.look({**examples.noise(400), "closed": day})


CARD = CheckCard(
    code="A460",
    question="Do dates stand for none?",
    reads="structure",
    run=run,
    example=example,
    severity="warn",
    rule="a known filler (1900-01-01, 1970-01-01, 9999-12-31 ...) at least three times and 20 times as often as a usual day",
    false_alarms=0.001,
    does="kept as a date",
    applies=applies.kinds("date"),
)
