"""A frame of text to a Table: kinds, roles and their reasons, seen over all rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from heldout.core.errors import HeldoutError
from heldout.core.names import nearest
from heldout.tables import unnamed
from heldout.tables.apply import apply_stripped
from heldout.tables.cell import LEVEL_MARKERS
from heldout.tables.dateforms import FORMS, NUMERIC_FORMS, parser
from heldout.tables.kind import KINDS, Guess, KindCard
from heldout.tables.kinds import number
from heldout.tables.look import Look
from heldout.tables.roles import with_role
from heldout.tables.schema import Column, Schema
from heldout.tables.table import Table

SURE = ("image", "text")  # kinds that a source declares and no value can contradict
RARE, MOST_LEVELS, MOST_NOTES = 5, 1_000, 5
COUNTS = re.compile(r"[0-9][0-9,]* (?=\"|blank)")


@dataclass(frozen=True)
class Raw:
    """Text as it was read: all String columns, how it was read, in words and as data.

    ``hints``: a kind by column that the source itself declares (ARFF: nominal is a category)."""

    frame: pl.DataFrame
    source: str = "frame"
    notes: tuple[str, ...] = ()
    guesses: Mapping[str, str] = field(default_factory=dict)
    hints: Mapping[str, str] = field(default_factory=dict)
    nameless: frozenset[str] = frozenset()


def infer(raw: Raw, types: Mapping[str, str] | None = None) -> Table:
    """Give every column its kind and role; ``types`` overrides kinds by column name."""
    forced = dict(types or {})
    for name, kind in forced.items():
        _known(name, raw.frame.columns)
        KINDS.get(kind)
    comma = raw.guesses.get("delimiter", ",") != ","
    cards = KINDS.all()
    columns, series, notes = [], [], []
    for name, text in unnamed.columns(raw.frame):
        look = Look.at(name, text, comma)
        guess, kind = _guess(look, cards, forced.get(name), raw.hints.get(name))
        column, values = _column(look, text, kind, guess)
        if name not in forced or column.nulls == len(values):
            column = with_role(column, values, name in raw.nameless)
        if guess.note and column.role != "ignored":
            notes.append((column.name, guess.note))
        columns.append(column)
        values = values.cast(pl.Datetime("us")) if kind == "date" else values
        series.append(values.alias(name))
    return Table(
        pl.DataFrame(series),
        Schema(tuple(columns)),
        raw.source,
        (*raw.notes, *_grouped(notes)),
        dict(raw.guesses),
    )


def _grouped(notes: Sequence[tuple[str, str]]) -> list[str]:
    """One note a column, or one for all columns of which the same is true."""
    if len(notes) <= MOST_NOTES:
        return [f"{note}." for _, note in notes]
    alike: dict[str, list[tuple[str, str]]] = {}
    for name, note in notes:
        alike.setdefault(COUNTS.sub("", note.removeprefix(name)), []).append((name, note))
    made = []
    for what, members in alike.items():
        if len(members) < 3:
            made += [f"{note}." for _, note in members]
        else:
            more = f" and {len(members) - 2} more" if len(members) > 2 else ""
            made.append(f"{members[0][0]}, {members[1][0]}{more}{what}.")
    return made


def _known(name: str, names: list[str]) -> None:
    if name in names:
        return
    near = nearest(name, names)
    raise HeldoutError(
        "H104",
        f'a kind is given for the column "{name}", which is not there',
        seen=f"{len(names)} columns" + (f'; the nearest name is "{near}"' if near else ""),
        why="a kind decides how the cells of a column are read",
        do=[f"--type {near}=KIND"] if near else [],
    )


def _guess(
    look: Look, cards: Sequence[KindCard], forced: str | None, hint: str | None
) -> tuple[Guess, Any]:
    """The best guess and its kind; a kind that was said wins, one that a file declares nearly so."""
    made: dict[str, Guess] = {}
    for card in sorted(cards, key=lambda card: card.fallback):
        guess = card.detect(look) if not (card.fallback and made) else None
        if guess is not None:
            made[card.name] = guess
    best = max(made, key=lambda name: made[name].rank)
    declared = hint if hint in SURE or best == "number" else None
    kind = forced or declared or best
    if kind == best:
        why = f"{made[best].reason}; said by --type" if forced else made[best].reason
        return Guess(made[best].rank, why, made[best].changes, made[best].note), kind
    return _said(look, kind, "said by --type" if forced else "declared in the file"), kind


def _said(look: Look, kind: str, why: str) -> Guess:
    """What to read as missing, and in which form, where the kind is given."""
    levels = look.levels
    if kind == "number":
        guess = number.detect(look)
        return Guess(100, why, guess.changes if guess else {})
    if kind == "boolean":
        plain = sorted(
            look.plain, key=lambda t: (t.lower() in ("1", "yes", "true", "t", "y", "on"), t)
        )
        if len(plain) > 2:
            return Guess(100, why)
        return Guess(100, why, {"levels": tuple(plain)})
    if kind == "date":
        texts = list(look.plain)[:10_000]
        fits = [sum(parser(f)(t) is not None for t in texts) for f in (*FORMS, *NUMERIC_FORMS)]
        form = (*FORMS, *NUMERIC_FORMS)[fits.index(max(fits))] if fits else FORMS[0]
        if form in ("epoch_s", "epoch_ms"):
            form = _epoch(texts)
        return Guess(100, why, {"formats": (form,)})
    return Guess(100, why, {"missing": tuple(sorted(t for t in levels if t in LEVEL_MARKERS))})


def _epoch(texts: list[str]) -> str:
    """Seconds or milliseconds since 1970, by size."""
    largest = max((abs(float(t)) for t in texts if number.read(t) is not None), default=0.0)
    return "epoch_ms" if largest > 1e11 else "epoch_s"


def _column(look: Look, text: pl.Series, kind: Any, guess: Guess) -> tuple[Column, pl.Series]:
    """The column with what was counted over all rows, and its typed values."""
    column = Column(look.name, kind, reason=guess.reason, **guess.changes)
    applied = apply_stripped(look.texts, column)
    if applied.any:
        column = _with_strange(column, text.filter(applied.refused))
    values = applied.values
    filled = values.drop_nulls()
    distinct = filled.n_unique()
    column = column.replace(nulls=values.null_count(), distinct=distinct)
    if kind in ("number", "date"):
        return _ranged(column, filled), values
    if kind == "category":
        column = column.replace(levels=_levels(filled))
    return column, values


def _with_strange(column: Column, cells: pl.Series) -> Column:
    """Cells that the kind cannot read are missing, and the reason says so."""
    some = ", ".join(f'"{t[:30]}"' for t in cells.unique(maintain_order=True).head(3))
    return column.replace(
        reason=f"{column.reason}; {len(cells)} cells read as missing, such as {some}"
    )


def _ranged(column: Column, filled: pl.Series) -> Column:
    finite = filled.filter(filled.is_finite()) if column.kind == "number" else filled
    if not len(finite):
        return column
    low, high = finite.min(), finite.max()
    whole = (
        column.kind == "number"
        and len(finite) == len(filled)
        and bool((finite == finite.floor()).all())
    )
    return column.replace(low=float(low), high=float(high), whole=whole)  # type: ignore[arg-type]


def _levels(filled: pl.Series) -> tuple[str, ...]:
    """Levels with at least five samples, at most the thousand commonest, sorted by text."""
    table = filled.rename("level").value_counts(name="n").filter(pl.col("n") >= RARE)
    ordered = table.sort([pl.col("n"), pl.col("level")], descending=[True, False])
    return tuple(sorted(ordered["level"].head(MOST_LEVELS).to_list()))
