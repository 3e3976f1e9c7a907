"""SQLite: a table or view of a database file, or a query; never written to."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import quote

import numpy as np
import polars as pl

from heldout.core.errors import HeldoutError
from heldout.core.names import nearest
from heldout.tables import frames
from heldout.tables.address import is_query
from heldout.tables.cell import Refused, text_of
from heldout.tables.decode import unreadable
from heldout.tables.file import File
from heldout.tables.format import Ask, FormatCard, Size, no_part
from heldout.tables.header import names_of
from heldout.tables.infer import Raw
from heldout.tables.piece import Piece

MAGIC = b"SQLite format 3\0"
PER_CELL = 150  # bytes of memory, as Python objects and as text
ALLOWED = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
}


def read(file: File, ask: Ask) -> Raw:
    """All rows as text."""
    with closing(_opened(file)) as base:
        sql, word, told = _statement(file, base, ask.part)
        cursor = _run(file, base, sql)
        names = [d[0] for d in cursor.description]
        parts = list(_frames(file, cursor, len(names), 50_000))
    frame = pl.concat(parts) if parts else pl.DataFrame(schema=_columns(len(names)))
    made = names_of(names)
    frame.columns = made.names
    if not frame.height:
        return frames.as_text(frame, str(file.path), {})  # raises H203
    guesses = {"format": "SQLite", "table": word, "header": "declared"}
    return Raw(frame, str(file.path), (*told, *made.notes), guesses, {}, made.nameless)


def pieces(file: File, ask: Ask, rows: int) -> Iterator[Piece]:
    """As many rows at a time as asked for."""
    with closing(_opened(file)) as base:
        sql, _, _ = _statement(file, base, ask.part)
        cursor = _run(file, base, sql)
        names = names_of([d[0] for d in cursor.description]).names
        start = 0
        for frame in _frames(file, cursor, len(names), rows):
            frame.columns = names
            yield Piece(frame, start, frame.height, np.zeros(frame.height, np.int64), [])
            start += frame.height


def _columns(width: int) -> dict[str, Any]:
    return {f"column_{i}": pl.String for i in range(width)}


def _frames(file: File, cursor: sqlite3.Cursor, width: int, rows: int) -> Iterator[pl.DataFrame]:
    try:
        while found := cursor.fetchmany(rows):
            columns = zip(*found, strict=True)
            texts = [[_text(value) for value in column] for column in columns]
            yield pl.DataFrame(
                dict(zip(_columns(width), texts, strict=True)), schema=_columns(width)
            )
    except (sqlite3.Error, UnicodeDecodeError, OverflowError) as error:
        raise unreadable(file.path, error) from error


def _text(value: Any) -> str | None:
    text = text_of(value)
    return None if isinstance(text, Refused) else text


def _opened(file: File) -> sqlite3.Connection:
    """Read only, and only selecting: no other file is attached, nothing is written."""
    try:
        base = sqlite3.connect(f"file:{quote(str(file.path.absolute()))}?mode=ro", uri=True)
        base.text_factory = lambda data: data.decode("utf-8", "replace")
        base.execute("select name from sqlite_master limit 1").fetchall()
    except sqlite3.Error as error:
        raise unreadable(file.path, error) from error
    base.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in ALLOWED else 1)
    return base


def _tables(base: sqlite3.Connection) -> list[str]:
    sql = "select name from sqlite_master where type in ('table', 'view') order by name"
    return [n for (n,) in base.execute(sql).fetchall() if not str(n).startswith("sqlite_")]


def _statement(file: File, base: sqlite3.Connection, part: str) -> tuple[str, str, list[str]]:
    """The query, the name of the table, and what was guessed."""
    if is_query(part):
        return part.strip().rstrip(";"), "query", [f"Read by the query {part.strip()[:80]}."]
    tables = _tables(base)
    if part and part not in tables:
        raise no_part(file.name, part, "table", tables)
    if not part and len(tables) != 1:
        raise no_part(file.name, "", "table", tables, _several(tables))
    name = part or tables[0]
    escaped = name.replace('"', '""')
    told = [] if part else [f'Read from the table "{name}", the only one.']
    return f'select * from "{escaped}"', name, told  # noqa: S608 - a name it has, quoted


def _several(tables: list[str]) -> str:
    if not tables:
        return "it has no table"
    return f"it has {len(tables)} tables: {', '.join(tables[:8])}; none was named"


def _run(file: File, base: sqlite3.Connection, sql: str) -> sqlite3.Cursor:
    try:
        return base.execute(sql)
    except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
        raise failed(file.name, str(error), sql, _near(str(error), base)) from error


def _near(told: str, base: sqlite3.Connection) -> str | None:
    return nearest(told.rsplit(": ", 1)[-1], _tables(base)) if "no such table" in told else None


def failed(name: str, told: str, sql: str, near: str | None = None) -> HeldoutError:
    """For a query that the database does not accept."""
    return HeldoutError(
        "H223",
        f"{name} does not accept the query",
        seen=told.split("\n", maxsplit=1)[0][:200]
        + (f'; the nearest table is "{near}"' if near else ""),
        why="a query is sent as it stands, and may only select",
        do=[f"mend it: {sql[:100]}"],
    )


def size(file: File, ask: Ask) -> Size:
    """By counting the rows of a table; by the bytes of the file for a query."""
    with closing(_opened(file)) as base:
        sql, _, _ = _statement(file, base, ask.part)
        try:
            rows = int(base.execute(f"select count(*) from ({sql})").fetchone()[0])  # noqa: S608
            width = len(base.execute(f"select * from ({sql}) limit 0").description)  # noqa: S608
        except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
            raise failed(file.name, str(error), sql, _near(str(error), base)) from error
    return Size(rows, PER_CELL * rows * width + file.stored)


CARD = FormatCard(
    name="sqlite",
    title="SQLite",
    about="a table of a database file, or a query",
    endings=(".db", ".sqlite", ".sqlite3"),
    rank=20,
    found=lambda file: file.head.startswith(MAGIC),
    read=read,
    size=size,
    pieces=pieces,
    part="table",
)
