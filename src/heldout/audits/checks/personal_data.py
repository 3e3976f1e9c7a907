"""Columns that name people: addresses, phone and card numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from heldout.audits import examples
from heldout.audits.cells import levels
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.audits.wording import words as words_of

SHAPES = {
    "e-mail addresses": re.compile(r"[^@\s]+@[^@\s]+\.[a-zA-Z]{2,}"),
    "phone numbers": re.compile(
        r"(?:\+|00)[0-9][0-9 ()/-]{7,18}|\(?[0-9]{3}\)?[ -][0-9]{3}-[0-9]{4}"
    ),
    "social security numbers": re.compile(r"[0-9]{3}-[0-9]{2}-[0-9]{4}"),
    "addresses of machines": re.compile(r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}"),
    "card numbers": re.compile(r"(?:[0-9]{4}[ -]){3}[0-9]{4}"),
}
NAMES = {
    "surname",
    "lastname",
    "firstname",
    "fullname",
    "email",
    "phone",
    "ssn",
    "passport",
    "iban",
}
SHARE, FEWEST, LOOKED = 0.5, 5, 2_000


def run(look: Look) -> Iterator[Finding]:
    """Half of the cells have such a shape, or the name says so."""
    found: dict[str, str] = {}
    for words in levels(look, "category", "text", ignored=True):
        some = words.levels[:LOOKED]
        if len(some) < FEWEST:
            continue
        for told, shape in SHAPES.items():
            if sum(bool(shape.fullmatch(w.strip())) for w in some) >= SHARE * len(some):
                found[words.name] = told
        if (
            words.name not in found
            and {"".join(sorted(words_of(words.name))), *words_of(words.name)} & NAMES
        ):
            found[words.name] = "by its name"
    if found:
        told = "; ".join(f"`{n}` ({k})" for n, k in found.items())
        yield Finding(
            "A428",
            "personal_data",
            "note",
            f"people can be told from {told}",
            tuple(found),
            {"columns": found},
            "rows of such a table show people: the report is for those who may see them",
            "the bundle holds no row; rare levels are folded together",
            "leave the column out, and use --no-rows for a report without rows",
            f"--drop {','.join(found)}",
        )


def example() -> Look:
    """E-mail addresses."""
    mail = np.array([f"person{i}@example.org" for i in range(200)], dtype=object)
    return examples.look({**examples.noise(200), "contact": mail}, None, {"contact": "ignored"})


CARD = CheckCard(
    code="A428",
    question="Do columns name people?",
    reads="structure",
    run=run,
    example=example,
    severity="note",
    rule="half of the different cells have the shape of an e-mail address, a phone, card or social security number, or the column's name says so",
    false_alarms=0.0,
    does="the bundle holds no row; --no-rows leaves rows out of the report",
)
