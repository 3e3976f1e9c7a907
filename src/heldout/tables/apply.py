"""The edge rule in bulk: columns of text to typed columns, by a schema."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from heldout.core.arrays import Array
from heldout.tables.cell import BLANKS, Refused
from heldout.tables.kind import KINDS, ReadCell
from heldout.tables.schema import NULL, Column

DTYPES: dict[str, pl.DataType | type[pl.DataType]] = {
    "float64": pl.Float64,
    "int64": pl.Int64,
    "object": pl.String,
}
MOST_CODES = 50_000  # different texts, up to which strings are handed over as codes


@dataclass(frozen=True)
class Applied:
    """A typed series (null where missing or refused) and the rows that were refused."""

    values: pl.Series
    refused: pl.Series

    @property
    def any(self) -> bool:
        """Whether a cell was refused."""
        return bool(self.refused.any())


def apply(raw: pl.Series, column: Column) -> Applied:
    """Read a series of raw text by the rule of its column.

    Returns Float64 (number, boolean), Int64 microseconds (date) or String (others).
    """
    texts = raw.str.strip_chars(BLANKS)
    return apply_stripped(texts.set((texts == "").fill_null(False), None), column)


def apply_stripped(texts: pl.Series, column: Column) -> Applied:
    """The same for texts without blanks around them, empty ones null."""
    card = KINDS.get(column.kind)
    if card.bulk is not None:
        return Applied(*card.bulk(texts, column))
    return Applied(*by_text(texts, card.reader(column), DTYPES[card.dtype]))


def by_text(
    texts: pl.Series, cell: ReadCell, dtype: pl.DataType | type[pl.DataType]
) -> tuple[pl.Series, pl.Series]:
    """Call the one-cell rule once for each different text."""
    different = texts.drop_nulls().unique()
    read = [cell(text) for text in different.to_list()]
    bad = [isinstance(value, Refused) for value in read]
    values = pl.Series(
        "value", [None if no else value for value, no in zip(read, bad, strict=True)], dtype=dtype
    )
    if dtype == pl.String and not any(bad) and values.equals(different, null_equal=True):
        return texts, pl.repeat(False, len(texts), dtype=pl.Boolean, eager=True)
    key = pl.DataFrame(
        {"text": different, "value": values, "bad": pl.Series(bad, dtype=pl.Boolean)}
    )
    joined = texts.rename("text").to_frame().join(key, on="text", how="left", maintain_order="left")
    return joined["value"], joined["bad"].fill_null(False)


def to_array(values: pl.Series, column: Column) -> Array:
    """The typed array of ``tables.table.Columns``: missing becomes the value that stands for it."""
    card = KINDS.get(column.kind)
    missing = card.missing
    if column.kind in ("number", "boolean"):
        return np.array(values.fill_null(missing).to_numpy(), dtype=np.float64)
    if column.kind == "date":
        return np.array(values.fill_null(missing).to_numpy(), dtype=np.int64)
    if card.standard is not None:
        return standardized(values, card.standard)
    return strings(values.fill_null(missing))


def standardized(values: pl.Series, standard: Callable[[str], str]) -> Array:
    """The standard form of each text as an object array; missing ones stay missing."""
    forms: dict[str | None, str] = {t: standard(t) for t in values.unique().drop_nulls()}
    forms[None] = NULL
    made = np.empty(len(values), dtype=object)
    made[:] = [forms[text] for text in values.to_list()]
    return made


def strings(values: pl.Series) -> Array:
    """An object array of str; equal texts are one Python object, which is what makes it fast."""
    different = values.unique()
    if len(different) > MOST_CODES:
        return np.asarray(values.to_numpy(), dtype=object)
    codes = values.cast(pl.Enum(different)).to_physical().to_numpy()
    levels = np.empty(len(different), dtype=object)
    levels[:] = different.to_list()
    return np.asarray(levels[codes], dtype=object)
