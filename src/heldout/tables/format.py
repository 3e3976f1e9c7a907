"""FormatCard: one way in which a table is kept, how it is recognised, and how it is read.

A format is one file of ``tables/formats`` with its ``CARD``. What a file is, is told by its first
bytes (``found``), never by its name alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from heldout.core.errors import HeldoutError
from heldout.core.names import nearest
from heldout.core.shelf import Shelf
from heldout.tables import signature
from heldout.tables.address import is_query
from heldout.tables.decode import wide
from heldout.tables.file import File

if TYPE_CHECKING:
    from heldout.tables.infer import Raw
    from heldout.tables.piece import Piece


@dataclass(frozen=True)
class Ask:
    """What was said about the reading: ``header`` whether the first row holds names,
    ``header_row`` the line that does (from 1), ``part`` a sheet, table, member or query, ``expect``
    names that a model needs."""

    header: bool | None = None
    header_row: int | None = None
    part: str = ""
    expect: tuple[str, ...] = ()


@dataclass(frozen=True)
class Size:
    """How large a table will be, estimated before it is read: ``rows`` about (0: not known), and
    the bytes of ``memory`` that reading all of it takes at its peak."""

    rows: int
    memory: int


@dataclass(frozen=True)
class FormatCard:
    """``found`` looks at the first bytes; formats of low ``rank`` are asked first, those of plain
    text (rank from 90 on) last. ``read`` reads the whole; ``pieces`` at most so many rows at a
    time, in bounded memory (None: only the whole can be read). ``part`` is the word for what
    ``#PART`` names ("" where a file is one table). ``packed``: its reader unpacks by itself. ``scheme``:
    it is a server, reached by such an address."""

    name: str
    title: str
    about: str
    endings: tuple[str, ...]
    rank: int
    found: Callable[[File], bool]
    read: Callable[[File, Ask], Raw]
    size: Callable[[File, Ask], Size]
    pieces: Callable[[File, Ask, int], Iterator[Piece]] | None = None
    part: str = ""
    packed: bool = False
    scheme: str = ""


FORMATS: Shelf[FormatCard] = Shelf("heldout.tables.formats", FormatCard, "format")
TEXT = 90


def card_of(file: File) -> FormatCard:
    """The format of a file; H203 and H208 to H211 where it is of none."""
    if file.address is not None:
        return next(c for c in FORMATS.all() if c.scheme == file.address.scheme)
    if not file.head:
        raise signature.empty(file.path)
    cards = sorted(FORMATS.all(), key=lambda card: (card.rank, card.name))
    refused = False
    for card in cards:
        if card.rank >= TEXT and not refused:
            signature.refuse(file.path, file.head, bool(wide(file.head)))
            refused = True
        if card.found(file):
            return card
    raise signature.binary(file.path, file.head)


def check_part(card: FormatCard, file: File, ask: Ask) -> None:
    """H221 where a part was named of a file that has none."""
    if not ask.part or card.part:
        return
    if is_query(ask.part):
        raise HeldoutError(
            "H221",
            f"{file.name} is no database that could be asked",
            seen=f"{card.title}; --query {ask.part[:60]}",
            why="queries are for SQLite files and PostgreSQL servers",
            do=["leave --query out"],
        )
    raise no_part(
        file.name, ask.part, "part", [], f"{card.title} files hold one table, without parts"
    )


def no_part(name: str, part: str, word: str, known: list[str], seen: str = "") -> HeldoutError:
    """For a sheet, table or member that is not there."""
    near = nearest(part, known)
    some = ", ".join(known[:8]) + (f" and {len(known) - 8} more" if len(known) > 8 else "")
    return HeldoutError(
        "H221",
        f'{name} has no {word} "{part}"',
        seen=seen or (f"it has {some}" if known else f"it has no {word}"),
        why=f"the {word} says which table is meant",
        do=[f'--table "{near}"' if near else f'--table "{known[0]}"']
        if known
        else ["leave --table out"],
    )
