"""Columns that say exactly what another one says."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np

from heldout.audits import examples
from heldout.audits.cells import array, sampled
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.audits.shallow import as_codes, as_numbers
from heldout.audits.watch import watch
from heldout.core.arrays import Array
from heldout.tables.schema import Column

ROWS_A_LEVEL, FEWEST, SHOWN, AT_ONCE, OTHERS = 3, 2, 4, 50_000, 5


def run(look: Look) -> Iterator[Finding]:
    """Equal level by level (at least three rows each), or in the order of their values."""
    same: dict[bytes, list[str]] = {}
    for column in look.table.schema.inputs:
        watch(look)
        if column.kind in ("text", "image") or column.distinct < FEWEST:
            continue
        for key in keys(array(look, column.name)[:AT_ONCE], column):
            same.setdefault(key, []).append(column.name)
    groups = [tuple(dict.fromkeys(names)) for names in same.values()]
    pairs = list(dict.fromkeys(g for g in groups if len(g) > 1))
    if pairs:
        told = "; ".join(" = ".join(f"`{n}`" for n in g[:5]) for g in pairs[:SHOWN])
        more = f"; and {len(pairs) - SHOWN} more" if len(pairs) > SHOWN else ""
        extra = len({n for g in pairs for n in g[1:]})
        yield Finding(
            "A450",
            "redundant",
            "note",
            f"say the same: {told}{more}",
            tuple(dict.fromkeys(n for g in pairs for n in g)),
            {"groups": [list(g) for g in pairs], "superfluous": extra, "rows": sampled(look).rows},
            "what is said twice counts twice in some models, and shares its importance in all",
            "kept",
            "one of each is enough",
            f"--drop {','.join(dict.fromkeys(n for g in pairs for n in g[1:]))}",
        )


def keys(values: Array, column: Column) -> list[bytes]:
    """Digests that are equal for columns that say the same: of levels, and of order, both ways."""
    made = []
    codes = as_codes(values.astype(object) if values.dtype != object else values)
    if not len(codes) or len(codes) - int(np.bincount(codes).max()) < OTHERS:
        return []  # so few other rows are equal by chance
    if int(codes.max(initial=0)) + 1 <= len(codes) / ROWS_A_LEVEL:
        made.append(b"level" + hashlib.sha256(codes.tobytes()).digest())
    if column.kind in ("number", "date"):
        x = as_numbers(values, column)
        known = np.unique(x[~np.isnan(x)])
        rank = np.where(np.isnan(x), -1, np.searchsorted(known, x))
        back = np.where(rank < 0, -1, len(known) - 1 - rank)
        texts = sorted(hashlib.sha256(r.astype(np.int64).tobytes()).digest() for r in (rank, back))
        made.append(b"order" + texts[0])
    return made


def example() -> Look:
    """Metres and feet, a code and its word."""
    columns = examples.noise(300)
    code = np.random.default_rng(0).integers(0, 3, 300)
    columns |= {"feet": columns["x0"] * 3.28084, "code": code * 1.0}
    columns["word"] = np.array(["red", "green", "blue"], dtype=object)[code]
    return examples.look(columns)


CARD = CheckCard(
    code="A450",
    question="Do columns say exactly the same?",
    reads="structure",
    run=run,
    example=example,
    severity="note",
    rule="equal level by level with three rows a level, or in the same (or opposite) order",
    false_alarms=0.0,
    does="kept",
)
