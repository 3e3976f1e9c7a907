"""Columns of pictures: found on disk, given one size, decoded when their values are asked for."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from heldout.core.arrays import Array, Bools
from heldout.core.names import count, plural
from heldout.tables import pixels, unnamed
from heldout.tables.schema import Column
from heldout.tables.table import Table

if TYPE_CHECKING:
    import polars as pl

SIDES = (16, 64)  # of a picture as the model sees it: multiples of 8 between these
LOOKED_AT = 200  # pictures measured to choose the size
KEPT_BYTES = 512 * 2**20
ROWS_AT_ONCE = 1_000  # rows with pictures that are held decoded at a time when answering


class _Kept:
    """Small decoded pictures, the last used ones, by path, time of change and size."""

    def __init__(self) -> None:
        self._made: OrderedDict[tuple[str, int, int, int], Array] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, path: str, height: int, width: int) -> Array | None:
        """uint8 [height, width, 3], or None where it cannot be read."""
        try:
            changed = Path(path).stat().st_mtime_ns
        except (OSError, ValueError):
            return None
        key = (path, changed, height, width)
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
                return self._made[key]
        whole = pixels.decode(path)
        if whole is None:
            return None
        made = pixels.resize(whole, height, width)
        with self._lock:
            self._made[key] = made
            self._bytes += made.nbytes
            while self._bytes > KEPT_BYTES:
                self._bytes -= self._made.popitem(last=False)[1].nbytes
        return made


_KEPT = _Kept()


def load(paths: Sequence[str | None], column: Column) -> tuple[Array, Bools]:
    """Pictures uint8 [n, h, w, 3] and which of them could not be read (black there)."""
    height, width = column.size
    made = np.zeros((len(paths), height, width, 3), dtype=np.uint8)
    bad = np.zeros(len(paths), dtype=bool)
    for i, path in enumerate(paths):
        picture = None if path is None else _KEPT.get(path, height, width)
        if picture is None:
            bad[i] = True
        else:
            made[i] = picture
    return made, bad


def from_base64(text: str, column: Column) -> Array | None:
    """A picture sent as text (base64, with or without "data:...;base64,"): uint8 [h, w, 3].

    Never a path: what comes over a network must not name files of this machine.
    """
    head, comma, body = text.partition(",")
    coded = body if comma and head.startswith("data:") else text
    try:
        data = base64.b64decode("".join(coded.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    return from_bytes(data, column)


def from_bytes(data: bytes, column: Column) -> Array | None:
    """A picture as its file holds it: uint8 [h, w, 3], None where it cannot be read."""
    if not data or len(data) > pixels.MOST_BYTES:
        return None
    whole = pixels.decode(data)
    return None if whole is None else pixels.resize(whole, *column.size)


def located(series: pl.Series, folder: Path | None) -> pl.Series:
    """Names relative to the folder of the file that names them become paths."""
    if folder is None:
        return series
    names = {name: str(folder / name) for name in series.drop_nulls().unique().to_list()}
    return series.replace_strict(names, return_dtype=series.dtype) if names else series


def with_pictures(table: Table, folder: Path | None = None) -> Table:
    """The table with a size for its columns of pictures, without rows whose picture cannot be
    read; a column of names that lead nowhere is ignored. Tables without pictures pass."""
    names = [c.name for c in table.schema if c.kind == "image" and c.role == "input"]
    for name in names:
        table = _one(table, name, folder)
    return table


def _one(table: Table, name: str, folder: Path | None) -> Table:
    import polars as pl

    paths = located(unnamed.column(table.frame, name), folder)
    sizes = [pixels.measure(p) for p in _spread(paths.drop_nulls().to_list())]
    known = [s for s in sizes if s is not None]
    column = table.schema[name]
    if len(known) * 2 <= len(sizes):
        reason = f"{column.reason}, but the files are not there, or are no pictures"
        ignored = column.replace(role="ignored", reason=reason)
        return table.with_schema(table.schema.update({name: ignored}))
    sides = tuple(_side([s[axis] for s in known]) for axis in (0, 1))
    told = f"{column.reason}; seen at {sides[0]} x {sides[1]} pixels"
    column = column.replace(size=sides, formats=(pixels.RULE,), reason=told)
    _, bad = load(paths.to_list(), column)
    frame = table.frame.with_columns(paths.alias(name))
    notes, guesses = list(table.notes), dict(table.guesses)
    if bad.any():
        shown = paths.filter(pl.Series(bad)).head(3).to_list()
        some = ", ".join(Path(p).name if p else "(no name)" for p in shown)
        guesses[f"unreadable {name}"] = f"{int(bad.sum())}: {some}"
        notes.append(f"{name}: {plural(int(bad.sum()), 'picture')} left out, not readable: {some}.")
        frame = frame.filter(pl.Series(~bad))
        column = column.replace(nulls=0)
    notes.append(
        f"{name}: {count(frame.height)} pictures, stretched to {sides[0]} x {sides[1]} pixels."
    )
    return dataclasses.replace(
        table,
        frame=frame,
        schema=table.schema.update({name: column}),
        notes=tuple(notes),
        guesses=guesses,
    )


def _spread(paths: Sequence[str]) -> list[str]:
    """At most 200 of them, evenly over the column."""
    step = max(1, len(paths) // LOOKED_AT)
    return list(paths[::step])[:LOOKED_AT]


def _side(lengths: Iterable[int]) -> int:
    """The middle length, as a multiple of 8 from 16 to 64.

    >>> [_side([n]) for n in (5, 25, 30, 160)]
    [16, 24, 32, 64]
    """
    middle = float(np.median(list(lengths)))
    return int(min(SIDES[1], max(SIDES[0], 8 * round(middle / 8))))
