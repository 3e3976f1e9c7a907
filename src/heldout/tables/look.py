"""Look: a column of text as the kinds see it while they guess."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from heldout.core.names import plural
from heldout.tables.cell import BLANKS, is_marker

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Look:
    """``name`` and ``texts`` (String, stripped, empty cells null) of a column.

    ``comma``: the file's delimiter is not a comma, so a comma in a number is likely decimal.
    ``blanks``: cells that held blanks only (not quite empty).
    """

    name: str
    texts: pl.Series
    comma: bool = False
    blanks: int = 0

    @classmethod
    def at(cls, name: str, raw: pl.Series, comma: bool = False) -> Look:
        """A look at the raw cells of a column."""
        stripped = raw.str.strip_chars(BLANKS)
        empty = stripped == ""
        blanks = 0
        if empty.any():
            blanks = int((empty & (raw != "")).sum())
            stripped = stripped.set(empty.fill_null(False), None)
        return cls(name, stripped, comma, blanks)

    @cached_property
    def filled(self) -> int:
        """How many cells are not empty."""
        return len(self.texts) - self.texts.null_count()

    @cached_property
    def numbers(self) -> pl.Series:
        """Float64: the cells that are plain numbers; null elsewhere ("nan" is no number)."""
        import polars as pl

        values = self.texts.cast(pl.Float64, strict=False)
        return values.fill_nan(None)

    @cached_property
    def strange(self) -> dict[str, int]:
        """The texts that are no plain number, with how often they occur; commonest first."""
        if self.numbers.null_count() == self.texts.null_count():
            return {}
        left = self.texts.filter(self.numbers.is_null() & self.texts.is_not_null())
        return counts(left)

    @cached_property
    def levels(self) -> dict[str, int]:
        """All texts with how often they occur, commonest first."""
        if self.numbers.null_count() == len(self.texts):
            return self.strange  # no cell is a number
        return counts(self.texts.drop_nulls())

    @cached_property
    def markers(self) -> dict[str, int]:
        """Texts that mean "missing" wherever numbers, dates or yes and no are expected."""
        return {text: n for text, n in self.strange.items() if is_marker(text)}

    @cached_property
    def plain(self) -> dict[str, int]:
        """All levels that are not such markers."""
        return {text: n for text, n in self.levels.items() if not is_marker(text)}

    def told(self, missing: dict[str, int], kind: str) -> str:
        """What was read as missing, for the notes: empty where only empty cells were."""
        parts = [f'{n:,} "{text}"' for text, n in list(missing.items())[:4]]
        if self.blanks:
            parts.insert(0, plural(self.blanks, "blank"))
        if not parts:
            return ""
        return f"{self.name}: {' and '.join(parts)} read as missing, the rest as {kind}"


def counts(series: pl.Series) -> dict[str, int]:
    """Values with their counts, commonest first, ties by text."""
    import polars as pl

    table = series.rename("text").value_counts(name="n")
    ordered = table.sort([pl.col("n"), pl.col("text")], descending=[True, False])
    return dict(zip(ordered["text"].to_list(), ordered["n"].to_list(), strict=True))
