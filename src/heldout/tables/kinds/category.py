"""Categories: words or codes that repeat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from heldout.core.names import count
from heldout.tables.cell import LEVEL_MARKERS, REFUSED, Typed, words
from heldout.tables.kind import Guess, KindCard, ReadCell
from heldout.tables.schema import NULL, Column

if TYPE_CHECKING:
    from heldout.tables.look import Look


def reader(column: Column) -> ReadCell:
    """The function that reads a cell: a level never seen before is accepted as it is."""
    missing = frozenset(column.missing)

    def cell(text: str) -> Typed:
        if not text or text in missing:
            return None
        kept = words(text)
        return REFUSED if kept is None else kept

    return cell


def detect(look: Look) -> Guess | None:
    """Whatever no other kind knows."""
    if not look.filled:
        return Guess(1, "every cell is missing")
    missing = {text: n for text, n in look.levels.items() if text in LEVEL_MARKERS}
    different = len(look.levels) - len(missing)
    if look.filled > sum(look.strange.values()) and not look.strange:
        reason = f"{count(different)} different codes; some begin with a zero"
    else:
        reason = f"{count(different)} different words in {count(look.filled)} filled cells"
    return Guess(
        10,
        reason,
        {"missing": tuple(sorted(missing))},
        look.told(missing, "words") if missing else "",
    )


def expected(_column: Column) -> str:
    """What a cell should be."""
    return "text without the character U+0000"


CARD = KindCard(
    name="category",
    about="Words or codes that repeat; unseen ones are accepted and treated as unseen.",
    example=("red", "green", "", "red", "blue", "02208", "02208", "green"),
    detect=detect,
    reader=reader,
    expected=expected,
    missing=NULL,
    dtype="object",
    fallback=True,  # it counts every different text, which for numbers would cost much
)
