"""PostgreSQL by address: a table or a query, copied aside as the server writes it.

``postgresql://USER@HOST:PORT/DATABASE?table=NAME`` or ``?query=SELECT ...``. The password comes from
the address, PGPASSWORD or the password file; it is never shown and never written. The session is
read only.
"""

from __future__ import annotations

import contextlib
import dataclasses
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from heldout.core.errors import HeldoutError
from heldout.core.names import nearest
from heldout.tables import delimited, limited, memory, sample, stream
from heldout.tables.address import is_query, shown
from heldout.tables.dialect import Dialect
from heldout.tables.file import File
from heldout.tables.format import Ask, FormatCard, Size, no_part
from heldout.tables.formats import delimited as csv
from heldout.tables.formats.sqlite import failed
from heldout.tables.infer import Raw
from heldout.tables.piece import Piece
from heldout.tables.source import copy

WAIT = 10  # seconds for a connection
BOOLEAN = 16


def read(file: File, ask: Ask) -> Raw:
    """All rows, or the sample that fits."""
    with _copied(file, ask) as (made, sql, dialect, hints):
        its = dataclasses.replace(ask, part="", header=True)
        size, have = csv.size(made, its), memory.allowed()
        if size.memory > have:
            kept, rows = sample.sampled(
                stream.pieces(made, its, limited.ROWS, dialect), have / size.memory
            )
            raw = Raw(kept, "", (sample.note(rows, kept.height, size.memory, have),))
        else:
            raw = delimited.load(made, its, dialect)[0]
    guesses = {"format": "PostgreSQL", "table": ask.part, "header": "declared"}
    told = (f"Read by the query {sql[:80]}.", *raw.notes)
    return dataclasses.replace(raw, source=_where(file), notes=told, guesses=guesses, hints=hints)


def pieces(file: File, ask: Ask, rows: int) -> Iterator[Piece]:
    """Parts of the copy."""
    with _copied(file, ask) as (made, _, dialect, _):
        its = dataclasses.replace(ask, part="", header=True)
        yield from stream.pieces(made, its, rows, dialect)


def _where(file: File) -> str:
    return shown(file.address.text if file.address else "")


@contextlib.contextmanager
def _copied(file: File, ask: Ask) -> Iterator[tuple[File, str, Dialect, dict[str, str]]]:
    """The rows as a CSV file in a private folder, with the query and what the server declares."""
    psycopg = _library()
    assert file.address is not None
    with tempfile.TemporaryDirectory(prefix="heldout-") as name:
        target = Path(name) / f"{file.name or 'rows'}.csv"
        with _connected(psycopg, file) as base, base.cursor() as cursor:
            sql = _statement(cursor, file, ask.part)
            try:
                cursor.execute(f"select * from ({sql}) as rows limit 0")  # noqa: S608
                columns = [(c.name, c.type_code) for c in cursor.description or ()]
                with (
                    target.open("wb") as out,
                    cursor.copy(
                        f"copy ({sql}) to stdout (format csv, header, encoding 'UTF8')"
                    ) as rows,
                ):
                    copy(_Reader(rows), out, Path(name), file.name)
            except psycopg.Error as error:
                raise failed(file.name, _clean(str(error), file), sql) from None
        dialect = Dialect(",", '"', len(columns), 1.0)
        hints = {n: "boolean" for n, kind in columns if kind == BOOLEAN}
        yield File(target), sql, dialect, hints


class _Reader:
    """Blocks of a copy as a file to be read."""

    def __init__(self, rows: Any) -> None:
        self._rows = iter(rows)

    def read(self, _size: int) -> bytes:
        """The next block, empty at the end."""
        return bytes(next(self._rows, b""))


def _library() -> Any:
    try:
        import psycopg
    except ImportError as error:
        raise HeldoutError(
            "H222",
            "PostgreSQL needs the package psycopg",
            why="it speaks to the server",
            do=['pip install "heldout[postgresql]"', "or export the table as CSV"],
        ) from error
    return psycopg


def _connected(psycopg: Any, file: File) -> Any:
    address = file.address.text if file.address else ""
    try:
        return psycopg.connect(
            address,
            connect_timeout=WAIT,
            autocommit=True,
            application_name="heldout",
            options="-c default_transaction_read_only=on -c extra_float_digits=1 -c datestyle=ISO "
            "-c intervalstyle=iso_8601",
        )
    except (psycopg.Error, ValueError) as error:
        told = _clean(str(error), file)
        secret = "password" in told.lower()
        raise HeldoutError(
            "H224",
            f"no connection to {shown(address)}",
            seen=told,
            why="the rows are read from that server",
            do=["give the password in PGPASSWORD or in the password file"]
            if secret
            else ["check the host, the port and the name of the database"],
        ) from None


def _clean(told: str, file: File) -> str:
    """A message of the server, without the password, in one line."""
    from urllib.parse import unquote, urlsplit

    address = file.address.text if file.address else ""
    with contextlib.suppress(ValueError):
        secret = urlsplit(address).password
        for word in (secret, unquote(secret or "")):
            if word:
                told = told.replace(word, "...")
    return shown(" ".join(told.split()))[:240]


def _statement(cursor: Any, file: File, part: str) -> str:
    if is_query(part):
        return part.strip().rstrip(";")
    cursor.execute(
        "select table_schema, table_name from information_schema.tables "
        "where table_schema not in ('pg_catalog', 'information_schema') order by 1, 2"
    )
    found = [(str(s), str(t)) for s, t in cursor.fetchall()]
    known = [t if s == "public" else f"{s}.{t}" for s, t in found]
    if not part and len(known) == 1:
        part = known[0]
    if part not in known:
        inside = [k for k in known if k.rsplit(".", 1)[-1] == part]
        if len(inside) != 1:
            near = nearest(part, known) if part else None
            seen = f"it has {', '.join(known[:8]) or 'no table'}"
            seen += (
                f'; the nearest name is "{near}"' if near else "" if part else "; none was named"
            )
            raise no_part(file.name, part, "table", known, seen)
        part = inside[0]
    schema, name = found[known.index(part)]
    quoted = ".".join('"' + p.replace('"', '""') + '"' for p in (schema, name))
    return f"select * from {quoted}"  # noqa: S608 - a name that the server gave, quoted


CARD = FormatCard(
    name="postgresql",
    title="PostgreSQL",
    about="a table of a server, or a query, by address",
    endings=(),
    rank=1,
    found=lambda file: False,
    read=read,
    size=lambda file, ask: Size(0, 0),
    pieces=pieces,
    part="table",
    packed=True,
    scheme="postgresql",
)
