"""N: rows that are equal but for a trace of noise, or for one cell; they share a fold."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import examples
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.core.names import count, plural
from heldout.splits.near import Near, near_copies
from heldout.splits.samples import Repeats

FEW = 0.01  # of the rows: a note up to it, as with exact copies


def run(look: Look) -> Iterator[Finding]:
    """More near copies than 1 % and three times what honest neighbors show (``splits.near``)."""
    known: Repeats | None = look.memo.get("repeats")
    near = near_copies(look.table) if known is None else known.near
    if not near.rows:
        return
    yield Finding(
        "A111",
        "near_copies",
        "warn" if near.rows > FEW * look.table.rows else "note",
        f"{plural(near.rows, 'row')} of {count(look.table.rows)} nearly "
        f"{'repeats' if near.rows == 1 else 'repeat'} an earlier row: {_how(near)}",
        (near.column,) if near.column else (),
        {
            "near": near.rows,
            "share": near.rows / look.table.rows,
            "blurred": near.blurred,
            "one_cell": near.altered,
            "pictures": near.pictures,
            "share_by_chance": near.honest,
        },
        "a row that differs from one in training by a trace is remembered, not predicted",
        "near copies share a fold, and are sealed together",
        "if one thing was measured or entered several times, name it with --group",
        "",
        f"Do rows that differ only in `{near.column}` come from one and the same thing or person?"
        if near.column
        else "",
    )


def _how(near: Near) -> str:
    parts = [f"{plural(near.pictures, 'picture')} are nearly equal"] if near.pictures else []
    if near.altered:
        which = f"`{near.column}`" if near.column else "one cell"
        parts.append(f"{count(near.altered)} differ in {which} only")
    if near.blurred:
        parts.append(f"{count(near.blurred)} differ by a trace in their numbers")
    return ", ".join(parts)


def example() -> Look:
    """A tenth of the rows again, with a little noise."""
    rng = np.random.default_rng(0)
    columns = examples.noise(300)
    again = np.r_[np.arange(300), np.arange(30)]
    shaken = np.where(np.arange(330) < 300, 0.0, 0.002)
    return examples.look({n: v[again] + shaken * rng.normal(size=330) for n, v in columns.items()})


CARD = CheckCard(
    code="A111",
    question="Do rows nearly repeat?",
    reads="structure",
    run=run,
    example=example,
    source="Levina and Bickel 2005 for the dimension",
    severity="warn",
    rule="more than 1 % of the rows, and than three times the honest share, lie a tenth as far from "
    "a row as its fifth neighbor; or more pairs differ in one cell than in two; a note where at most 1 % follow such a row",
    false_alarms=0.01,
    does="near copies share a fold and are sealed together",
)
