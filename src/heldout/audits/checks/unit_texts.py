"""Quantities written with their unit, and so read as words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import numpy as np

from heldout.audits import applies, examples
from heldout.audits.cells import levels
from heldout.audits.finding import CheckCard, Finding, Look

UNITS = [
    "kg",
    "g",
    "mg",
    "lb",
    "lbs",
    "oz",
    "t",
    "km",
    "m",
    "cm",
    "mm",
    "ft",
    "in",
    "mi",
    "yd",
    "l",
    "ml",
    "cl",
    "gal",
    "h",
    "hr",
    "hrs",
    "hour",
    "hours",
    "min",
    "mins",
    "minutes",
    "s",
    "sec",
    "ms",
    "kb",
    "mb",
    "gb",
    "tb",
    "w",
    "kw",
    "kwh",
    "hp",
    "bhp",
    "ps",
    "cc",
    "v",
    "a",
    "rpm",
    "nm",
    "kmpl",
    "mpg",
    "°c",
    "°f",
    "°c.",
    "c",
    "f",
    "%",
    "k",
    "bn",
    "usd",
    "eur",
    "gbp",
    "chf",
    "years",
    "year",
    "yrs",
    "yr",
    "months",
    "month",
    "days",
    "day",
    "weeks",
    "week",
    "sqft",
    "m2",
    "m³",
    "mg/dl",
    "mmhg",
    "bpm",
]
QUANTITY = re.compile(r"[$€£]?\s*[+-]?[0-9][0-9,]*(?:\.[0-9]+)?\s*([^\d\s].{0,7})")
SHARE, DISTINCT = 0.9, 5


def run(look: Look) -> Iterator[Finding]:
    """At least 90 % of the filled cells are a number and a known unit."""
    for words in levels(look, "category", "text", ignored=True):
        found: Counter[str] = Counter()
        for word, times in zip(words.levels, words.counts.tolist(), strict=True):
            match = QUANTITY.fullmatch(word.strip())
            if match and match[1].strip().lower() in UNITS:
                found[match[1].strip().lower()] += times
        if len(words.levels) < DISTINCT or found.total() < SHARE * max(1, words.filled):
            continue
        named = ", ".join(f'"{u}"' for u, _ in found.most_common(4))
        many = len(found) > 1
        yield Finding(
            "A421",
            "unit_texts",
            "warn",
            f"`{words.name}`: numbers with {'several units' if many else 'a unit'} ({named}), read as words",
            (words.name,),
            {"units": dict(found.most_common(8))},
            "as words 5 kg and 500 g have no order and no distance",
            "read as words",
            "write the numbers alone, all in one unit",
        )


def example() -> Look:
    """Weights in kilograms and grams."""
    columns = examples.noise(300)
    heavy = np.array([f"{v:.1f} kg" for v in 20 + columns["x0"]], dtype=object)
    light = np.array([f"{1000 * v:.0f} g" for v in 20 + columns["x0"]], dtype=object)
    columns["weight"] = np.where(np.arange(300) % 5 == 0, light, heavy)
    return examples.look(columns)


CARD = CheckCard(
    code="A421",
    question="Are quantities written with their unit?",
    reads="structure",
    run=run,
    example=example,
    severity="warn",
    rule="at least 90 % of the filled cells are a number and a known unit",
    false_alarms=0.0,
    does="read as words",
    applies=applies.kinds("category", "text"),
)
