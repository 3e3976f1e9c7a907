"""KindCard: what a column can be, how that is seen, and how its cells are read.

A kind is one file of ``tables/kinds`` with its ``CARD``. Reading one cell needs the standard
library only; detecting needs Polars.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from heldout.core.shelf import Shelf
from heldout.tables.cell import Typed
from heldout.tables.schema import Column, Kind

if TYPE_CHECKING:
    import polars as pl

    from heldout.tables.look import Look

ReadCell = Callable[[str], Typed]
"""From the *stripped* text of a cell to its typed value, None (missing) or REFUSED."""


@dataclass(frozen=True)
class Guess:
    """How sure a kind is that a column is of its kind (the highest rank wins), and why.

    ``changes`` are fields of the Column (missing, formats, decimal, levels)."""

    rank: int
    reason: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class KindCard:
    """``detect`` looks at a column of text and makes a guess or none; ``reader`` makes, for one
    column, the function that reads a cell; ``bulk`` does the same for a whole series (left out:
    the reader is called once for each different text); ``missing`` is the typed value of a
    missing cell; ``expected`` says in words what a cell should be; ``standard`` is what the graph
    gets of a text that the table keeps as it is; a ``fallback`` is asked only where no other kind
    makes a guess."""

    name: Kind
    about: str
    example: tuple[str, ...]
    detect: Callable[[Look], Guess | None]
    reader: Callable[[Column], ReadCell]
    expected: Callable[[Column], str]
    missing: Any
    dtype: str
    bulk: Callable[[pl.Series, Column], tuple[pl.Series, pl.Series]] | None = None
    standard: Callable[[str], str] | None = None
    fallback: bool = False


KINDS: Shelf[KindCard] = Shelf("heldout.tables.kinds", KindCard, "kind")
