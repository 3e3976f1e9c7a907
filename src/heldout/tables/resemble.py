"""H310: a needed column is missing; which column of the new data may be the same thing?"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from heldout.core.errors import HeldoutError
from heldout.core.names import quoted
from heldout.tables.address import shown
from heldout.tables.infer import Raw, infer
from heldout.tables.kinds.number import range_words
from heldout.tables.schema import Column, Schema
from heldout.tables.source import name_of

LOOKED_AT = 10_000
ALIKE = 0.75  # resemblance from which a column is named as a candidate
SHOWN = 3


@dataclass(frozen=True)
class Candidate:
    """A column of the new data that may be a missing one; ``score`` from 0 to 1."""

    column: Column
    wanted: Column
    score: float
    by_value: float


def missing_columns(
    source: Any, missing: Sequence[Column], frame: pl.DataFrame, schema: Schema, bundle: str = ""
) -> HeldoutError:
    """The error, with the likeliest new name of each missing column; where it is known which
    ``bundle`` asks, with the command that learns without them."""
    free = [c for c in frame.columns if c not in schema]
    looked = infer(Raw(frame[free].head(LOOKED_AT))).schema if free else Schema(())
    found = [best for column in missing if (best := candidate(column, looked)) is not None]
    wanted = len(schema.inputs)
    told = f'"{missing[0].name}", one of the {wanted} columns the model needs'
    if len(missing) > 1:
        names = ", ".join(f'"{c.name}"' for c in missing[:SHOWN])
        more = f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
        told = f"{names}{more}: {len(missing)} of the {wanted} columns the model needs"
    seen = f"{frame.width} columns"
    if found:
        seen += "; " + "; ".join(_told(c) for c in found[:SHOWN])
    do = []
    if found:
        renames = " ".join(
            f"--rename {quoted(c.column.name)}={quoted(c.wanted.name)}" for c in found[:SHOWN]
        )
        do.append(f"if it is the same thing, add {renames}")
    if bundle and len(missing) < wanted:
        data = quoted(shown(str(source))) if isinstance(source, (str, Path)) else "FILE"
        drops = " ".join(f"--drop {quoted(c.name)}" for c in missing)
        do.append(
            "if it is gone for good, on rows with answers: "
            f"heldout retrain {quoted(bundle)} {data} {drops}"
        )
    return HeldoutError(
        "H310",
        f"{name_of(source)} lacks {told}",
        seen=seen,
        why="without it every answer would be a guess that the report does not cover",
        do=do,
    )


def candidate(wanted: Column, free: Schema) -> Candidate | None:
    """The column that resembles most by name and values, if it does so enough."""
    scored = []
    for column in free:
        by_name, by_value = name_likeness(column.name, wanted.name), value_likeness(column, wanted)
        score = max(by_name if by_value > 0 else by_name - 0.2, (by_name + by_value) / 2)
        scored.append(Candidate(column, wanted, score, by_value))
    best = max(scored, key=lambda c: c.score, default=None)
    return best if best is not None and best.score >= ALIKE else None


def name_likeness(a: str, b: str) -> float:
    """From 0 to 1; letters and digits count, case does not, and containing is nearly the same.

    >>> name_likeness("Tenure_Months", "tenure") > 0.8, name_likeness("age", "tenure") < 0.5
    (True, True)
    """
    a, b = (re.sub(r"[^a-z0-9]", "", text.lower()) or text.lower() for text in (a, b))
    if a == b:
        return 1.0
    if min(len(a), len(b)) >= 3 and (a in b or b in a):
        return 0.9
    return difflib.SequenceMatcher(None, a, b).ratio()


def value_likeness(column: Column, wanted: Column) -> float:
    """From 0 to 1: same kind and overlapping ranges or levels."""
    if column.kind != wanted.kind:
        return 0.0
    if column.kind in ("number", "date"):
        ends = (column.low, column.high, wanted.low, wanted.high)
        if any(end is None for end in ends):
            return 0.0
        low, high, from_, to = (float(end or 0) for end in ends)
        span = max(high, to) - min(low, from_)
        overlap = min(high, to) - max(low, from_)
        return max(0.0, overlap / span) if span > 0 else float(low == from_)
    if column.levels and wanted.levels:
        same = set(column.levels) & set(wanted.levels)
        return len(same) / min(len(column.levels), len(wanted.levels))
    return 0.3


def _told(found: Candidate) -> str:
    column, wanted = found.column, found.wanted
    has = f'"{column.name}" may be "{wanted.name}"'
    if found.by_value <= 0:
        return f"{has}: the names are alike, the values are not"
    if column.kind == "number" and (span := range_words(column)):
        kind = "whole numbers" if column.whole else "numbers"
        return (
            f'"{column.name}" has {kind} from {span}, much like "{wanted.name}" in training '
            f"({range_words(wanted)})"
        )
    if column.levels:
        some = ", ".join(column.levels[:SHOWN])
        return f'"{column.name}" has the words {some}, much like "{wanted.name}" in training'
    return has
