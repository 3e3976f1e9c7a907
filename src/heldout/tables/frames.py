"""Frames of other libraries, Parquet, Arrow and dictionaries to a frame of text.

Everything becomes its canonical text (``tables/cell.py``), so that a frame and the CSV file that
was written from it give the same schema and the same arrays.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from heldout.core.errors import HeldoutError
from heldout.core.names import plural
from heldout.tables import unnamed
from heldout.tables.cell import Refused, float_text, text_of
from heldout.tables.decode import unreadable
from heldout.tables.header import names_of
from heldout.tables.infer import Raw
from heldout.tables.piece import Piece

INDEX = re.compile(r"__index_level_\d+__")


def guarded(path: Path, call: Callable[[], pl.DataFrame]) -> pl.DataFrame:
    """What Polars makes of a file; H213 where it is damaged, whatever Polars says to that."""
    try:
        return call()
    except (OSError, ValueError, TypeError, MemoryError, pl.exceptions.PolarsError) as error:
        raise unreadable(path, error) from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise unreadable(path, ValueError("it is damaged")) from error
        raise


def shape(path: Path, lazy: pl.LazyFrame) -> tuple[int, int]:
    """Rows and columns, without reading the rows."""
    width = len(guarded(path, lambda: lazy.head(0).collect()).columns)
    return int(guarded(path, lambda: lazy.select(pl.len()).collect()).item()), width


def slices(path: Path, lazy: pl.LazyFrame, rows: int) -> Iterator[Piece]:
    """Frames of text of at most ``rows`` rows."""
    start = 0
    while True:
        part = guarded(path, lazy.slice(start, rows).collect)
        if not part.height and start:
            return
        text = as_text(part, str(path), {}).frame
        yield Piece(text, start, part.height, np.zeros(part.height, np.int64), [])
        start += part.height


def read_object(source: Any) -> Raw:
    """A Polars frame, anything with the Arrow capsule interface, or a dict of columns."""
    if isinstance(source, pl.LazyFrame):
        source = source.collect()
    if isinstance(source, pl.DataFrame):
        return as_text(source, "frame", {"format": "Polars frame"})
    if isinstance(source, Mapping):
        return _from_mapping(source, "dict of columns")
    if hasattr(source, "__arrow_c_stream__"):
        return _from_capsule(source)
    if isinstance(source, Sequence) and source and all(isinstance(r, Mapping) for r in source):
        names = dict.fromkeys(name for record in source for name in record)
        return _from_mapping({n: [r.get(n) for r in source] for n in names}, "list of records")
    if hasattr(source, "to_dict") and hasattr(source, "columns"):
        return _from_mapping({str(c): list(source[c]) for c in source.columns}, "frame")
    raise _no_table(source)


def _no_table(source: Any) -> HeldoutError:
    return HeldoutError(
        "H215",
        f"a {type(source).__module__}.{type(source).__name__} is no table",
        seen="neither a path, a frame (Polars, pandas, Arrow), a dict of columns nor records",
        why="rows and named columns are needed",
        do=["give a path, or a dict such as {'age': [31, 27], 'sex': ['m', 'f']}"],
    )


class _Capsule:
    """Shows the stream alone, so that Polars does not ask for the library behind it."""

    def __init__(self, source: Any) -> None:
        self._source = source

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self._source.__arrow_c_stream__(requested_schema)


def _from_capsule(source: Any) -> Raw:
    try:
        frame = pl.DataFrame(_Capsule(source))
    except Exception as error:
        if not hasattr(source, "columns") or not hasattr(source, "to_dict"):
            raise _no_table(source) from error
        # A column of mixed objects has no Arrow type; cell by cell it is still readable.
        return _from_mapping({str(c): list(source[c]) for c in source.columns}, "frame")
    index = [name for name in frame.columns if INDEX.fullmatch(name)]
    return as_text(frame.drop(index), "frame", {"format": "frame"})


def _from_mapping(source: Mapping[Any, Any], word: str) -> Raw:
    series = [_series(str(name), values) for name, values in source.items()]
    lengths = {len(s) for s in series}
    if len(lengths) > 1:
        raise HeldoutError(
            "H215",
            "the columns have different lengths",
            seen=", ".join(f"{s.name}: {len(s)}" for s in series[:6]),
            why="each row needs a value, or None, in every column",
            do=["give every column as many values"],
        )
    return as_text(pl.DataFrame(series), "frame", {"format": word})


def _series(name: str, values: Any) -> pl.Series:
    if isinstance(values, pl.Series):
        return values.rename(name)
    if (
        hasattr(values, "dtype")
        and getattr(values.dtype, "kind", "O") in "fiub"
        and values.ndim == 1
    ):
        return pl.Series(name, values)
    if isinstance(values, str) or not hasattr(values, "__iter__"):
        raise HeldoutError(
            "H215",
            f'the column "{name}" is a single value, not a list of them',
            seen=repr(values)[:60],
            why="a table has rows",
            do=[f"give {{'{name}': [...]}}, one value for each row"],
        )
    texts = [text_of(value) for value in values]
    return pl.Series(name, [None if isinstance(t, Refused) else t for t in texts], dtype=pl.String)


def as_text(frame: pl.DataFrame, source: str, guesses: dict[str, str]) -> Raw:
    """Every column as canonical text. Columns of lists and the like become empty, and are said."""
    if not frame.width or not frame.height:
        raise HeldoutError(
            "H203",
            f"{Path(source).name} has no rows"
            if frame.width
            else f"{Path(source).name} has no columns",
            seen=f"{plural(frame.height, 'row')}, {plural(frame.width, 'column')}",
            why="there is nothing to learn from",
            do=["check where the table comes from"],
        )
    names = names_of(frame.columns)
    frame.columns = names.names
    notes = list(names.notes)
    made = []
    for name, cells in unnamed.columns(frame):
        text = column_text(cells)
        if text is None:
            notes.append(f"{name} holds {cells.dtype}, not single values; it is ignored.")
            text = pl.Series([None] * len(cells), dtype=pl.String)
        made.append(text.alias(name))
    return Raw(pl.DataFrame(made), source, tuple(notes), guesses, {}, names.nameless)


def column_text(series: pl.Series) -> pl.Series | None:
    """A column as text, or None where its cells are no single values."""
    kind = series.dtype
    if kind == pl.String:
        return series
    if kind.is_float():
        return _float_text(series)
    if kind == pl.Datetime:
        zoned = series.dt.convert_time_zone("UTC") if kind.time_zone else series  # type: ignore[attr-defined]
        return zoned.dt.strftime("%Y-%m-%dT%H:%M:%S%.6f" + ("Z" if kind.time_zone else ""))  # type: ignore[attr-defined]
    if kind == pl.Date:
        return series.dt.strftime("%Y-%m-%d")
    if kind == pl.Time:
        return series.dt.strftime("%H:%M:%S%.6f")
    if kind == pl.Duration:
        return _float_text(series.dt.total_microseconds().cast(pl.Float64) / 1e6)
    if kind == pl.Boolean:
        return series.replace_strict({True: "true", False: "false"}, return_dtype=pl.String)
    if kind.is_nested() or kind in (pl.Binary, pl.Object):
        return None
    return series.cast(pl.String)


def _float_text(series: pl.Series) -> pl.Series:
    """Shortest text; a column of whole numbers without points."""
    finite = series.fill_nan(None)
    filled = finite.drop_nulls()
    if len(filled) and (filled.floor() == filled).all() and filled.abs().max() < 1e15:  # type: ignore[operator]
        return finite.cast(pl.Int64).cast(pl.String)
    if len(filled.head(1)) and filled.n_unique() <= 1_000 and series.dtype == pl.Float64:
        different = filled.unique()
        return finite.replace_strict(
            different, [float_text(v) for v in different.to_list()], return_dtype=pl.String
        )
    return finite.cast(pl.String)
