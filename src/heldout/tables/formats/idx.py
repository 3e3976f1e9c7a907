"""idx, the format of MNIST: pictures with their labels beside them, or plain arrays."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import polars as pl

from heldout.core.arrays import Array
from heldout.core.errors import HeldoutError
from heldout.core.names import count, plural
from heldout.tables import memory, packing
from heldout.tables.decode import unreadable
from heldout.tables.file import File
from heldout.tables.format import Ask, FormatCard, Size
from heldout.tables.frames import as_text
from heldout.tables.infer import Raw

KINDS = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
MOST_AXES = 4
PER_CELL = 60  # bytes of memory a pixel that becomes a column


def read(file: File, ask: Ask) -> Raw:
    """A column for each pixel, ``label`` from the file of labels beside it where there is one."""
    values = array(file.path, file.packed)
    flat = values.reshape(len(values), -1)
    named = [f"pixel_{i}" for i in range(flat.shape[1])] if values.ndim > 1 else ["value"]
    frame = pl.DataFrame({name: flat[:, i] for i, name in enumerate(named)})
    told = [
        f"{plural(len(values), 'array')} of {' x '.join(map(str, values.shape[1:])) or 'one number'}."
    ]
    beside = labels_of(file.path)
    if beside is not None and values.ndim > 1:
        labels = array(beside, File(beside).packed)
        if labels.ndim != 1 or len(labels) != len(values):
            raise HeldoutError(
                "H214",
                f"{beside.name} does not belong to {file.name}",
                seen=f"{count(len(labels))} labels, {count(len(values))} arrays",
                why="each picture needs its label",
                do=["put the right file beside it, or move it away"],
            )
        frame = frame.with_columns(pl.Series("label", labels))
        told.append(f"Labels from {beside.name}.")
    raw = as_text(
        frame, str(file.path), {"format": "idx", "shape": "x".join(map(str, values.shape))}
    )
    return Raw(raw.frame, raw.source, tuple(told), raw.guesses, {"label": "category"})


def labels_of(path: Path) -> Path | None:
    """The file of labels that lies beside one of pictures."""
    for old, new in (("images", "labels"), ("data", "labels")):
        if old not in path.name:
            continue
        name = path.name.replace(old, new)
        for other in (name.replace("idx3", "idx1"), name):
            for made in (other, other + ".gz", other.removesuffix(".gz")):
                if (beside := path.with_name(made)).is_file() and beside != path:
                    return beside
    return None


def array(path: Path, packed: str) -> Array:
    """The values; raises H213 where the file is cut off, H804 where they do not fit."""
    try:
        with packing.opened(path, packed) as stream:
            shape, kind = _head(path, stream.read(4 + 4 * MOST_AXES))
            need = math.prod(shape) * np.dtype(kind).itemsize
            have = memory.allowed()
            if PER_CELL * math.prod(shape) > have:
                raise memory.too_large(path.name, PER_CELL * need, have, "give a part of it")
            stream.seek(4 + 4 * len(shape))
            data = stream.read(need + 1)
    except packing.damage() as error:
        raise unreadable(path, error) from error
    if len(data) != need:
        seen = f"{count(need)} bytes of values are declared, {count(len(data))} are there"
        raise unreadable(path, ValueError(seen))
    return np.frombuffer(data, dtype=kind).reshape(shape)


def _head(path: Path, head: bytes) -> tuple[tuple[int, ...], str]:
    axes = head[3]
    shape = tuple(int.from_bytes(head[4 + 4 * i : 8 + 4 * i], "big") for i in range(axes))
    if len(head) < 4 + 4 * axes or not all(shape):
        raise unreadable(path, ValueError("it declares no values"))
    return shape, KINDS[head[2]]


def found(file: File) -> bool:
    """Two zeros, a kind of number, and how many axes."""
    head = file.head
    if len(head) < 8 or head[:2] != b"\0\0" or head[2] not in KINDS:
        return False
    return 1 <= head[3] <= MOST_AXES


def size(file: File, ask: Ask) -> Size:
    """By the shape that the file declares."""
    shape, _ = _head(file.path, file.head)
    return Size(shape[0], PER_CELL * math.prod(shape))


CARD = FormatCard(
    name="idx",
    title="idx",
    about="arrays as MNIST has them, with their labels beside them",
    endings=(".idx", ".idx3-ubyte", ".idx1-ubyte"),
    rank=50,
    found=found,
    read=read,
    size=size,
    packed=True,
)
