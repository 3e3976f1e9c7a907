"""Pictures that could not be read: damaged, cut off, or no pictures at all."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from heldout.audits import pictured
from heldout.audits.applies import kinds
from heldout.audits.finding import CheckCard, Finding, Look

MOST = 0.01  # of the rows: from there on it is more than an accident


def run(look: Look) -> Iterator[Finding]:
    """Any that was left out while reading."""
    for column in look.table.schema.inputs:
        said = look.table.guesses.get(f"unreadable {column.name}", "")
        number, _, some = said.partition(": ")
        if not number.isdigit():
            continue
        share = int(number) / (int(number) + look.table.rows)
        yield Finding(
            "A803",
            "unreadable_pictures",
            "warn" if share > MOST else "note",
            f"`{column.name}`: {number} pictures cannot be read, such as {some}",
            (column.name,),
            {"unreadable": int(number), "share": share},
            "if one class has more of them, it is learned from fewer, and other, samples",
            "their rows are left out",
            "copy or save them again; remove what is no picture",
        )


def example() -> Look:
    """Two that were left out."""
    made = pictured.look([(20, 20, "RGB")] * 20)
    table = dataclasses.replace(made.table, guesses={"unreadable image": "2: a.png, b.png"})
    return dataclasses.replace(made, table=table)


CARD = CheckCard(
    code="A803",
    question="Are there pictures that cannot be read?",
    reads="structure",
    run=run,
    example=example,
    severity="warn",
    rule="any is noted; above 1 % of the rows it warns",
    does="their rows are left out",
    applies=kinds("image"),
)
