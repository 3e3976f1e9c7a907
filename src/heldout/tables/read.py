"""Read any source to a Table: text first, then one rule for every cell."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from heldout.core.errors import HeldoutError
from heldout.core.names import nearest, quoted
from heldout.tables.schema import Schema
from heldout.tables.table import Table

ADDRESS = re.compile(r"(?i)^[a-z][a-z0-9+.-]+://")


def read(
    source: Any,
    *,
    types: Mapping[str, str] | None = None,
    header: bool | None = None,
    rename: Mapping[str, str] | None = None,
) -> Table:
    """Read a path, a frame (Polars, pandas, Arrow) or a dict of columns.

    ``types`` gives kinds by column name, ``header`` says whether the first row holds names,
    ``rename`` maps names of the source to new ones (applied before ``types``). Raises H201 to H216.

    >>> table = read({"age": [31, 27, 45], "member": ["yes", "no", "yes"]})
    >>> [(c.name, c.kind) for c in table.schema]
    [('age', 'number'), ('member', 'boolean')]
    """
    from heldout.tables.infer import infer
    from heldout.tables.pictures import with_pictures

    table = infer(renamed(read_raw(source, header=header), rename), types)
    return with_pictures(table, beside(source))


def beside(source: Any) -> Path | None:
    """The folder that names of pictures in a file are relative to; None for folders and frames."""
    if isinstance(source, (str, os.PathLike)) and Path(source).is_file():
        return Path(source).absolute().parent
    return None


def read_raw(source: Any, *, header: bool | None = None, expect: Sequence[str] = ()) -> Any:
    """The source as text (``tables.infer.Raw``), nothing interpreted yet."""
    from heldout.tables import arff, decode, delimited, folder, frames

    if not isinstance(source, (str, os.PathLike)):
        return frames.read_object(source)
    path = located(source)
    if path.is_dir():
        return folder.read(path)
    encoding = decode.look(path)
    if encoding.format in ("parquet", "arrow", "arrow_stream"):
        return frames.read_file(path, encoding.format)
    if encoding.format == "arff":
        return arff.read(path, encoding)
    return delimited.read(path, encoding, header, expect)


def located(source: str | os.PathLike[str]) -> Path:
    """The path, if something is there; H201 or H212 otherwise."""
    text = os.fspath(source)
    if ADDRESS.match(text):
        raise HeldoutError(
            "H212",
            f"{text} is an address, not a file",
            seen="heldout reads files of this machine only",
            why="nothing is fetched: the data of a run must be there to be read again",
            do=["download it first, then give the file"],
        )
    path = Path(text).expanduser()
    if path.exists():
        return path
    try:
        beside = [p.name for p in (path.parent if path.parent.is_dir() else Path()).iterdir()]
    except OSError:
        beside = []
    near = nearest(path.name, beside)
    raise HeldoutError(
        "H201",
        f"there is no file {text}",
        seen=f'the nearest name is "{near}"'
        if near
        else f"nothing like it in {path.parent.absolute()}",
        why="the data are read from a file",
        do=[f"give {quoted(path.parent / near)}"] if near else [],
    )


def renamed(raw: Any, rename: Mapping[str, str] | None) -> Any:
    """Rename columns; H104 where one is not there, H216 where a name would come twice."""
    import dataclasses

    if not rename:
        return raw
    hints = {rename.get(name, name): kind for name, kind in raw.hints.items()}
    return dataclasses.replace(raw, frame=renamed_frame(raw.frame, rename), hints=hints)


def renamed_frame(frame: Any, rename: Mapping[str, str]) -> Any:
    """The frame with other names; H104 and H216 as ``renamed``."""
    names = frame.columns
    for old in rename:
        if old not in names:
            near = nearest(old, names)
            raise HeldoutError(
                "H104",
                f'there is no column "{old}" to rename',
                seen=f"{len(names)} columns" + (f'; the nearest name is "{near}"' if near else ""),
                why="a renamed column must be there",
                do=[f"--rename {quoted(near)}={quoted(rename[old])}"] if near else [],
            )
    made = [rename.get(name, name) for name in names]
    for new in rename.values():
        if made.count(new) > 1:
            raise HeldoutError(
                "H216",
                f'after renaming two columns would be called "{new}"',
                seen=", ".join(f"{old} to {new}" for old, new in rename.items()),
                why="every column needs a name of its own",
                do=["choose another name"],
            )
    return frame.rename(dict(rename))


def find_column(schema: Schema, name: str) -> str:
    """The name of a column, given by name or, if none is called so, by its index.

    Raises H104 with the nearest name.
    """
    if name in schema:
        return name
    if name.isdigit() and int(name) < len(schema):
        return schema.names[int(name)]
    return schema[name].name
