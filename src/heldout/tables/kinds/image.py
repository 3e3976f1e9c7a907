"""Pictures, named by their path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from heldout.core.names import count
from heldout.tables.cell import REFUSED, Typed
from heldout.tables.kind import Guess, KindCard, ReadCell
from heldout.tables.schema import NULL, Column

if TYPE_CHECKING:
    from heldout.tables.look import Look

SUFFIXES = (".jpg", ".jpeg", ".png", ".gif", ".bmp", ".tif", ".tiff", ".webp")


def detect(look: Look) -> Guess | None:
    """Every filled cell ends like the name of a picture."""
    if not look.filled or look.filled > sum(look.strange.values()):
        return None
    first = next(iter(look.strange))
    if not first.lower().endswith(SUFFIXES):
        return None
    pattern = r"(?i)\.(jpe?g|png|gif|bmp|tiff?|webp)$"
    if not look.texts.drop_nulls().str.contains(pattern).all():
        return None
    return Guess(55, f"{count(look.filled)} names of picture files")


def reader(_column: Column) -> ReadCell:
    """The function that reads a cell: a name of a file, letter by letter."""

    def cell(text: str) -> Typed:
        return REFUSED if "\0" in text else text or None

    return cell


def expected(_column: Column) -> str:
    """What a cell should be."""
    return "a picture that can be read (JPEG, PNG, GIF, BMP, TIFF or WebP)"


CARD = KindCard(
    name="image",
    about="Paths of picture files.",
    example=("cat/1.jpg", "cat/2.jpg", "", "dog/1.png"),
    detect=detect,
    reader=reader,
    expected=expected,
    missing=NULL,
    dtype="object",
)
