"""Lines of names among the rows, as in files that were put one after the other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import examples
from heldout.audits.cells import levels
from heldout.audits.finding import CheckCard, Finding, Look


def run(look: Look) -> Iterator[Finding]:
    """A column whose own name stands in its cells, as a word or read as missing."""
    found = [
        words.name
        for words in levels(look, "category", "text", ignored=True)
        if words.name.strip().lower() in {w.strip().lower() for w in words.levels}
    ]
    found += [
        c.name
        for c in look.table.schema
        if c.role != "target" and c.name.lower() in {m.lower() for m in c.missing}
    ]
    if found:
        told = ", ".join(f"`{n}`" for n in found[:5])
        yield Finding(
            "A444",
            "header_rows",
            "warn",
            f"{told}: the name of the column stands in its cells",
            tuple(found),
            {"columns": found},
            "a second line of names is no sample: files were probably put one after the other",
            "kept; among numbers such cells are missing",
            "remove these lines from the file",
        )


def example() -> Look:
    """A second header."""
    rng = np.random.default_rng(0)
    town = rng.choice(np.array(["Oslo", "Rome"], dtype=object), 200)
    town[100] = "town"
    return examples.look({**examples.noise(200), "town": town})


CARD = CheckCard(
    code="A444",
    question="Is the header among the rows?",
    reads="structure",
    run=run,
    example=example,
    severity="warn",
    rule="the column's own name is one of its cells",
    false_alarms=0.0,
    does="kept; among numbers such cells are missing",
)
