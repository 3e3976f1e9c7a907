"""Values that cannot be, by what the column is called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from heldout.audits import applies, examples
from heldout.audits.cells import array, numbers, of_rows, share_of
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.audits.watch import watch
from heldout.audits.wording import words
from heldout.tables.schema import NULL_DATE

MOST = 0.05  # of the rows: where more break the rule, the name means something else
FIRST_DAY, LAST_DAY = -25_567 * 86_400_000_000, 47_482 * 86_400_000_000  # 1900 and 2100


@dataclass(frozen=True)
class Limit:
    """What a word in a name promises about the values."""

    words: frozenset[str]
    low: float
    high: float


LIMITS = (
    Limit(frozenset({"age"}), 0, 125),
    Limit(frozenset({"lat", "latitude"}), -90, 90),
    Limit(frozenset({"lon", "lng", "longitude"}), -180, 360),
    Limit(frozenset({"percent", "percentage", "pct", "humidity"}), 0, 100),
    Limit(frozenset({"month"}), 0, 12),
    Limit(frozenset({"hour"}), 0, 24),
    Limit(frozenset({"weekday"}), 0, 7),
    Limit(frozenset({"year"}), 0, 2200),
    Limit(frozenset({"ph"}), 0, 14),
    Limit(frozenset({"probability"}), 0, 1),
    Limit(
        frozenset(
            {"price", "salary", "income", "weight", "height", "length", "width", "area", "quantity"}
            | {"distance", "duration", "count", "sqft", "mileage", "horsepower", "rainfall"}
        ),
        0,
        np.inf,
    ),
)


def run(look: Look) -> Iterator[Finding]:
    """Outside the limits, in at most 5 % of the rows."""
    for n in numbers(look, 20):
        said = words(n.name)
        for limit in LIMITS:
            if not said & limit.words:
                continue
            wrong = np.r_[n.known[n.known < limit.low], n.known[n.known > limit.high]]
            code = bool((wrong == -1).all())  # told by `sentinels`
            if 0 < len(wrong) <= MOST * len(n.known) and not (code and len(wrong) > 2):
                told = (
                    f"outside {limit.low:g} to {limit.high:g}"
                    if np.isfinite(limit.high)
                    else "below 0"
                )
                some = ", ".join(f"{v:g}" for v in np.unique(wrong)[:3])
                yield _finding(n.name, len(wrong), len(n.known), f"{told}, such as {some}", look)
                break
    for column in look.table.schema.inputs:
        if column.kind == "date":
            watch(look)
            days = array(look, column.name)
            days = days[days != NULL_DATE]
            wrong = days[(days < FIRST_DAY) | (days > LAST_DAY)]
            if 0 < len(wrong) <= MOST * len(days):
                some = str(np.datetime64(int(wrong[0]), "us"))[:10]
                told = f"before 1900 or after 2100, such as {some}"
                yield _finding(column.name, len(wrong), len(days), told, look)


def _finding(name: str, wrong: int, known: int, told: str, look: Look) -> Finding:
    return Finding(
        "A407",
        "impossible",
        "warn",
        f"`{name}`: {share_of(wrong, known)} of {of_rows(look)} {told}",
        (name,),
        {"rows": wrong},
        "a value that cannot be is an error that a model will learn from",
        "kept",
        "correct or empty these cells in the file",
    )


def example() -> Look:
    """An age of 230."""
    columns = examples.noise(300)
    columns["age"] = np.round(40 + 9 * columns["x0"])
    columns["age"][7] = 230.0
    return examples.look(columns)


CARD = CheckCard(
    code="A407",
    question="Are there values that cannot be?",
    reads="structure",
    run=run,
    example=example,
    severity="warn",
    rule="outside the limits of what the name says (age, latitude, percent, month, price ...), in at most 5 % of the rows; dates outside 1900 to 2100",
    false_alarms=0.0,
    does="kept",
    applies=applies.kinds("number", "date"),
)
