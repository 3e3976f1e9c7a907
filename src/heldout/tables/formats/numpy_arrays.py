"""NumPy: an array of rows and columns (.npy), or several of as many rows (.npz)."""

from __future__ import annotations

import math
import zipfile
from typing import Any

import numpy as np
import polars as pl

from heldout.core.errors import HeldoutError
from heldout.core.names import plural
from heldout.tables import memory
from heldout.tables.decode import unreadable
from heldout.tables.file import File
from heldout.tables.format import Ask, FormatCard, Size, no_part
from heldout.tables.frames import as_text
from heldout.tables.infer import Raw

MAGIC = b"\x93NUMPY"
PER_CELL = 60
DAMAGE = (OSError, ValueError, EOFError, KeyError, TypeError, SyntaxError, zipfile.BadZipFile,
          NotImplementedError, RuntimeError, OverflowError, MemoryError)  # fmt: skip


def read(file: File, ask: Ask) -> Raw:
    """Columns named by their array; of several arrays those that have as many rows."""
    arrays = _arrays(file, ask.part)
    rows = max((len(a) for a in arrays.values() if a.ndim == 2), default=0)
    rows = rows or max((len(a) for a in arrays.values() if a.ndim), default=0)
    columns: dict[str, Any] = {}
    told = []
    for name, values in arrays.items():
        plain = values.dtype.kind in "fiubUSM" and values.ndim in (1, 2) and len(values) == rows
        if not plain or not rows:
            told.append(f"The array {name} of shape {values.shape} was left out.")
        elif values.ndim == 1:
            columns[name or "column_0"] = _plain(values)
        else:
            head = f"{name}_" if name else "column_"
            columns |= {f"{head}{i}": _plain(values[:, i]) for i in range(values.shape[1])}
    if not columns:
        raise HeldoutError(
            "H214",
            f"{file.name} holds no table",
            seen="; ".join(f"{n or 'array'} of shape {a.shape}" for n, a in arrays.items())[:120],
            why="rows and columns are needed: arrays of one or two axes, of numbers or texts",
            do=["save the array with two axes, or write it as CSV or Parquet"],
        )
    told.insert(
        0, f"{plural(len(arrays), 'array')} with {plural(rows, 'row')}, no names of columns."
    )
    raw = as_text(pl.DataFrame(columns), str(file.path), {"format": "NumPy", "header": "no"})
    return Raw(raw.frame, raw.source, (*told, *raw.notes), raw.guesses)


def _plain(values: Any) -> Any:
    if values.dtype.kind == "S":
        return [v.decode("utf-8", "replace") for v in values.tolist()]
    return values.tolist() if values.dtype.kind in "UM" else np.ascontiguousarray(values)


def _arrays(file: File, part: str) -> dict[str, Any]:
    """Never unpickled; raises H804 before an array is made that would not fit."""
    try:
        if file.head.startswith(MAGIC):
            with file.path.open("rb") as stream:
                _fits(file, [_shape(stream)])
            return {"": np.load(file.path, allow_pickle=False)}
        with zipfile.ZipFile(file.path) as archive:
            names = [n.removesuffix(".npy") for n in archive.namelist() if n.endswith(".npy")]
            if part and part not in names:
                raise no_part(file.name, part, "array", names)
            names = [part] if part else names
            shapes = []
            for name in names:
                with archive.open(f"{name}.npy") as stream:
                    shapes.append(_shape(stream))
            _fits(file, shapes)
        with np.load(file.path, allow_pickle=False) as loaded:
            return {name: loaded[name] for name in names}
    except DAMAGE as error:
        raise unreadable(file.path, error) from error


def _shape(stream: Any) -> tuple[int, ...]:
    version = np.lib.format.read_magic(stream)
    reader = (
        np.lib.format.read_array_header_1_0
        if version == (1, 0)
        else np.lib.format.read_array_header_2_0
    )
    return tuple(reader(stream)[0])


def _fits(file: File, shapes: list[tuple[int, ...]]) -> None:
    need, have = PER_CELL * sum(math.prod(s) for s in shapes), memory.allowed()
    if need > have:
        raise memory.too_large(file.name, need, have, "write it as Parquet")


def found(file: File) -> bool:
    """The magic of .npy, or a zip archive whose first member is one."""
    if file.head.startswith(MAGIC):
        return True
    return file.head.startswith(b"PK\x03\x04") and b".npy" in file.head[30:300] and not file.packed


CARD = FormatCard(
    name="numpy_arrays",
    title="NumPy",
    about="an array of rows and columns (.npy), or several of as many rows (.npz)",
    endings=(".npy", ".npz"),
    rank=25,
    found=found,
    read=read,
    size=lambda file, ask: Size(0, 0),
    part="array",
)
