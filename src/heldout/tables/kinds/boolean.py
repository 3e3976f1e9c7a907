"""Yes and no, in their usual words. 0 and 1 stay numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from heldout.tables.cell import REFUSED, Typed, is_marker
from heldout.tables.kind import Guess, KindCard, ReadCell
from heldout.tables.schema import Column

if TYPE_CHECKING:
    from heldout.tables.look import Look

PAIRS = (("false", "true"), ("no", "yes"), ("n", "y"), ("f", "t"), ("off", "on"))
WORDS = {word: float(i) for pair in PAIRS for i, word in enumerate(pair)}
WORDS |= {"0": 0.0, "1": 1.0, "0.0": 0.0, "1.0": 1.0}
"""Accepted in every boolean column, in any case, besides its own two words."""


def reader(column: Column) -> ReadCell:
    """The function that reads a cell of this column."""
    missing = frozenset(column.missing)
    own = {word: float(i) for i, word in enumerate(column.levels)}

    def cell(text: str) -> Typed:
        if not text or text in missing:
            return None
        value = own.get(text)
        if value is None and text.isascii():
            value = WORDS.get(text.lower())
        if value is not None:
            return value
        return None if is_marker(text) else REFUSED

    return cell


def detect(look: Look) -> Guess | None:
    """Exactly two different words, and they are a known pair."""
    if look.filled - sum(look.strange.values()):
        return None
    spelled: dict[str, str] = {}
    for text in look.plain:
        spelled.setdefault(text.lower(), text)
        if len(spelled) > 2:
            return None
    for no, yes in PAIRS:
        if set(spelled) == {no, yes}:
            levels = (spelled[no], spelled[yes])
            return Guess(
                60,
                f'only two words, "{levels[0]}" and "{levels[1]}"',
                {"levels": levels, "missing": tuple(sorted(look.markers))},
                look.told(look.markers, "yes or no") if look.markers else "",
            )
    return None


def expected(column: Column) -> str:
    """What a cell should be."""
    return " or ".join(f'"{word}"' for word in column.levels or ("false", "true"))


CARD = KindCard(
    name="boolean",
    about="Yes and no, true and false, t and f, on and off.",
    example=("Yes", "No", "", "No", "Yes"),
    detect=detect,
    reader=reader,
    expected=expected,
    missing=float("nan"),
    dtype="float64",
)
