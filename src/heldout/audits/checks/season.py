"""Seasons that the rows cover only once: what belongs to them cannot be told from chance."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import applies, examples
from heldout.audits.cells import array
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.audits.watch import watch
from heldout.tables.schema import NULL_DATE

DAY = 86_400_000_000
CYCLES = (("year", 730), ("week", 14))  # and days from which it is covered twice
FEWEST_DAYS = 5  # different ones
MIDDLE = (0.005, 0.995)  # quantiles: a few stray dates cover nothing


def run(look: Look) -> Iterator[Finding]:
    """Columns of dates whose middle 99 % span less than two years, or two weeks."""
    found: dict[str, tuple[str, str, str, float]] = {}
    for column in look.table.schema:
        if column.kind != "date" or column.role not in ("input", "time"):
            continue
        watch(look)
        stored = array(look, column.name)
        known = stored[stored != NULL_DATE]
        if not len(known) or len(np.unique(np.floor_divide(known, DAY))) < FEWEST_DAYS:
            continue
        low, high = np.quantile(known, MIDDLE, method="nearest").astype(np.int64)
        days = float(high - low) / DAY
        once = [name for name, least in CYCLES if days < least]
        if once:
            found[column.name] = (_day(low), _day(high), once[-1], days)
    if not found:
        return
    told = "; ".join(
        f"`{n}` runs from {a} to {b}, less than two {cycle}s"
        for n, (a, b, cycle, _) in found.items()
    )
    listed = " and ".join(f"`{n}`" for n in found)
    yield Finding(
        "A463",
        "season",
        "note",
        told,
        tuple(found),
        {"days": {n: d for n, (_, _, _, d) in found.items()}},
        "a season that is seen once cannot be told from chance, nor from a trend",
        "nothing",
        "believe the score for the seasons that the rows cover; add a second round where you can",
        "",
        f"Will you predict for seasons that {listed} does not cover twice?",
    )


def _day(stored: int) -> str:
    return str(np.datetime64(int(stored), "us").astype("datetime64[D]"))


def example() -> Look:
    """Half a year of days."""
    rng = np.random.default_rng(0)
    day = np.datetime64("2023-01-01") + rng.integers(0, 180, 400).astype("timedelta64[D]")
    return examples.look({**examples.noise(400), "day": day})


def clean() -> Look:
    """Three years of days."""
    rng = np.random.default_rng(0)
    day = np.datetime64("2021-01-01") + rng.integers(0, 1_095, 400).astype("timedelta64[D]")
    return examples.look({**examples.noise(400), "day": day})


CARD = CheckCard(
    code="A463",
    question="Do the rows cover every season twice?",
    reads="structure",
    run=run,
    example=example,
    clean=clean,
    severity="note",
    rule="the middle 99 % of a column of dates span less than two years (or less than two weeks), five "
    "different days or more",
    false_alarms=0.0,
    does="a question",
    applies=applies.kinds("date"),
    informs=True,
)
