"""Read any source to a Table: text first, then one rule for every cell."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from heldout.core.errors import HeldoutError
from heldout.core.names import nearest, quoted
from heldout.tables.address import parse, selecting
from heldout.tables.schema import Schema
from heldout.tables.table import Table

if TYPE_CHECKING:
    from heldout.tables.infer import Raw
    from heldout.tables.piece import Piece


def read(
    source: Any,
    *,
    types: Mapping[str, str] | None = None,
    header: bool | None = None,
    header_row: int | None = None,
    table: str | None = None,
    query: str | None = None,
    rename: Mapping[str, str] | None = None,
) -> Table:
    """Read a path, several, a folder, a database, a frame (Polars, pandas, Arrow) or a dict.

    ``types`` gives kinds by column name, ``header`` says whether the first row holds names,
    ``header_row`` which line does (from 1), ``table`` which sheet, table or member is meant,
    ``query`` SQL for databases; ``rename`` maps names of the source to new ones (applied before
    ``types``). Raises H201 to H222 and H804.

    >>> table = read({"age": [31, 27, 45], "member": ["yes", "no", "yes"]})
    >>> [(c.name, c.kind) for c in table.schema]
    [('age', 'number'), ('member', 'boolean')]
    """
    from heldout.tables.infer import infer
    from heldout.tables.pictures import with_pictures

    raw = read_raw(
        source, header=header, header_row=header_row, part=selecting(query) or table or ""
    )
    return with_pictures(infer(renamed(raw, rename), types), beside(source))


def beside(source: Any) -> Path | None:
    """The folder that names of pictures in a file are relative to; None for folders and frames."""
    if isinstance(source, (str, os.PathLike)):
        path = parse(source).path
        return path.absolute().parent if path.is_file() else None
    return None


def read_raw(
    source: Any,
    *,
    header: bool | None = None,
    header_row: int | None = None,
    part: str = "",
    expect: Sequence[str] = (),
) -> Raw:
    """The source as text (``tables.infer.Raw``), nothing interpreted yet."""
    from heldout.tables import frames, limited
    from heldout.tables.format import Ask
    from heldout.tables.source import is_source, opened

    if not is_source(source):
        return frames.read_object(source)
    ask = Ask(header, header_row, part, tuple(expect))
    opening = opened(source, ask)
    if opening.frame is not None:
        return opening.frame
    return limited.read(opening.files, opening.ask)


def pieces(source: Any, expect: Sequence[str], rows: int) -> Iterator[Piece]:
    """The same in parts of at most ``rows`` rows, in bounded memory; ``expect`` are the names that
    a model needs."""
    from heldout.tables import frames, limited
    from heldout.tables.format import Ask
    from heldout.tables.source import is_source, opened

    if not is_source(source):
        yield from limited.cut(frames.read_object(source).frame, rows)
        return
    opening = opened(source, Ask(expect=tuple(expect)))
    if opening.frame is not None:
        yield from limited.cut(opening.frame.frame, rows)
        return
    yield from limited.pieces(opening.files, opening.ask, rows)


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
