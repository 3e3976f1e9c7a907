"""Whether the first row holds names, and which names the columns get."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from heldout.tables.cell import is_marker, strip
from heldout.tables.dateforms import FORMS, parser
from heldout.tables.kinds.number import COMMA, PLAIN

TYPED_SHARE = 0.5  # of a column's cells must be numbers or dates for its first cell to count
FEW_LEVELS = 0.5


@dataclass(frozen=True)
class Header:
    """``yes`` with a reason in words; ``sure`` where numbers below names prove it."""

    yes: bool
    reason: str
    sure: bool = False


def decide(rows: Sequence[Sequence[str | None]], expect: Sequence[str] = ()) -> Header:
    """Look at the first rows of a file (the first among them); ``expect`` are names that a model
    needs: where they stand in the first row it is a header.

    >>> decide([["age", "sex"], ["31", "m"], ["27", "f"]]).yes
    True
    >>> decide([["31", "m"], ["27", "f"]]).yes
    False
    """
    first = [strip(cell or "") for cell in rows[0]]
    if expect:
        known = set(expect)
        if 2 * sum(name in known for name in first) >= min(len(known), len(first)):
            return Header(True, "the first row holds the names that the model knows", True)
        if all(name.startswith("column_") for name in known):
            return Header(False, "the model was trained on a file without a header")
    rest = [[strip(cell or "") for cell in row] for row in rows[1:]]
    named = typed = repeated = 0
    for j, cell in enumerate(first):
        below = [row[j] for row in rest if j < len(row) and not is_marker(row[j])]
        if below and sum(map(is_typed, below)) > TYPED_SHARE * len(below):
            if is_typed(cell):
                typed += 1
            elif not is_marker(cell):
                named += 1
        elif cell and cell in below:
            repeated += 1
    if named and named >= typed:
        return Header(True, "the first row has words above numbers", True)
    if typed and _years(first):
        return Header(True, "the first row has years in order", True)
    if typed:
        return Header(False, "the first row has numbers like the rows below")
    if repeated:
        return Header(False, "words of the first row come again below")
    if not rest:
        words = not any(is_typed(cell) for cell in first)
        return Header(words, "there is one row" + (", of words" if words else ", with numbers"))
    if all(first) and len(set(first)) < len(first):
        return Header(False, "the first row repeats itself")
    return Header(True, "no word of the first row comes again below")


def _years(first: Sequence[str]) -> bool:
    """Whether all numbers of a row are years, one after the other."""
    years = [int(cell) for cell in first if cell.isdigit() and len(cell) == 4]
    alone = len(years) == sum(map(is_typed, first))
    return len(years) > 1 and alone and all(b - a == 1 for a, b in pairwise(years))


@lru_cache(maxsize=50_000)  # cells of a column repeat
def is_typed(text: str) -> bool:
    """Whether a stripped text is a number or a date.

    >>> [is_typed(t) for t in ("1e3", "1,5", "2020-01-31", "age", "1st")]
    [True, True, True, False, False]
    """
    body = text.strip("%$€£ ")
    if PLAIN.fullmatch(body) or COMMA.fullmatch(body):
        return True
    if not text[:1].isdigit() or len(text) > 40:
        return False
    return any(parser(form)(text) is not None for form in FORMS)


@dataclass(frozen=True)
class Names:
    """``names`` that are unique and not empty; ``notes`` say what was changed."""

    names: list[str]
    notes: tuple[str, ...]
    nameless: frozenset[str]


def names_of(first: Sequence[str | None]) -> Names:
    """Column names from the cells of a header.

    >>> names_of(["a", "", "a", None]).names
    ['a', 'column_1', 'a_2', 'column_3']
    """
    given = [strip(cell or "") for cell in first]
    given = [cell.replace("\0", "") for cell in given]
    taken = {name for name in given if name}
    names: list[str] = []
    used: set[str] = set()
    nameless: list[str] = []
    doubled: list[str] = []
    for i, name in enumerate(given):
        made = name
        if not name:
            made = _free(f"column_{i}", taken)
            nameless.append(made)
        elif name in used:
            made = _free(f"{name}_2", taken, name)
            doubled.append(made)
        taken.add(made)
        used.add(made)
        names.append(made)
    notes = []
    if nameless:
        notes.append(f"Columns without a name were named {', '.join(nameless[:5])}.")
    if doubled:
        notes.append(f"Names that came twice were made different: {', '.join(doubled[:5])}.")
    return Names(names, tuple(notes), frozenset(nameless))


def _free(name: str, taken: set[str], base: str | None = None) -> str:
    number, made = 2, name
    while made in taken:
        number += 1
        made = f"{base if base is not None else name}_{number}"
    return made
