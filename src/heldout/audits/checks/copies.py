"""D: rows whose inputs are equal; they share a fold, so that no model is asked what it was told."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import examples
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.core.names import count, plural
from heldout.core.seed import Seed
from heldout.splits.content import column_hash, content_columns, mix, word
from heldout.splits.samples import Repeats
from heldout.tables.table import Table

FLOOR, TIMES = 0.01, 3.0


def run(look: Look) -> Iterator[Finding]:
    """More equal rows than 1 % and three times what the same columns give when shuffled."""
    table = look.table
    if table.rows < 2:
        return
    known: Repeats | None = look.memo.get("repeats")
    distinct = _distinct(table, None) if known is None else len(np.unique(known.content))
    repeats = table.rows - distinct
    if not repeats:
        return
    share = repeats / table.rows
    chance = (table.rows - _distinct(table, look.seed.child("copies"))) / table.rows
    many = share > FLOOR + TIMES * chance
    yield Finding(
        "A101",
        "copies",
        "warn" if many else "note",
        f"{plural(repeats, 'row')} of {count(table.rows)} {'repeats' if repeats == 1 else 'repeat'} "
        "an earlier row (identifiers and target aside)",
        (),
        {"repeats": repeats, "share": share, "share_by_chance": chance},
        "a copy in training and in validation is remembered, not predicted",
        "copies share a fold, and are sealed together",
        "if rows were collected twice, remove them; if equal rows are natural, nothing",
    )


def _distinct(table: Table, shuffled: Seed | None) -> int:
    """Different rows; with a seed after half of the columns were shuffled against the others."""
    names = content_columns(table.schema, table.rows)
    if not names:
        return table.rows
    order = None if shuffled is None else shuffled.rng().permutation(table.rows)
    total = np.zeros(table.rows, dtype=np.uint64)
    for place, name in enumerate(names):
        values = table.arrays([name])[name]
        hashes = mix(column_hash(values, table.schema[name]) ^ word(name))
        total += hashes if order is None or place % 2 else hashes[order]
    return len(np.unique(total))


def example() -> Look:
    """A tenth of the rows twice."""
    columns = examples.noise(300)
    again = np.r_[np.arange(300), np.arange(30)]
    return examples.look({n: v[again] for n, v in columns.items()})


CARD = CheckCard(
    code="A101",
    question="Do rows repeat?",
    reads="structure",
    run=run,
    example=example,
    severity="warn",
    rule="any repeat is noted; above 1 % of the rows and three times what shuffled columns give it warns",
    false_alarms=0.01,
    does="copies share a fold and are sealed together",
)
