"""What a source is called: a file with, if need be, a part of it; or a database.

``book.xlsx#2024`` is a sheet, ``shop.db#orders`` a table, ``parts.zip#may.csv`` a member. Databases
that are servers have addresses: ``postgresql://user@host/shop?table=orders``. A password in such
an address is never shown and never written: ``shown`` leaves it out.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode

from heldout.core.errors import HeldoutError

SCHEME = re.compile(r"(?i)^([a-z][a-z0-9+.-]+)://")
SERVERS = ("postgresql", "postgres")
FILES = ("file", "sqlite")
SECRET = re.compile(r"(?i)(?<=://)([^/@\s:]*):[^\s]*@(?=[^/@\s]*(?:/|\s|$|\?))")
SECRET_WORD = re.compile(r"(?i)\b((?:ssl)?password)=[^&\s#]*")
QUERY = re.compile(r"(?is)^\s*(?:select|with|values|table)\b.*\s")


@dataclass(frozen=True)
class Address:
    """``text`` is a path, or an address without its part; ``scheme`` is empty for paths;
    ``part``: a sheet, table, member or query, empty where none was named."""

    text: str
    scheme: str = ""
    part: str = ""

    @property
    def path(self) -> Path:
        """The path, with ~ made whole."""
        return Path(self.text).expanduser()

    @property
    def name(self) -> str:
        """A short name for people and for folders."""
        if self.scheme:
            body = self.text.split("?")[0].rstrip("/").rsplit("/", 1)[-1]
            return self.part if self.part and not is_query(self.part) else body or self.scheme
        return self.path.name or self.text


def parse(source: str | os.PathLike[str]) -> Address:
    """Take a source apart. A file that has a # in its own name is that file.

    >>> parse("shop.db#orders")
    Address(text='shop.db', scheme='', part='orders')
    >>> parse("postgresql://me@host/shop?table=orders").part
    'orders'
    >>> parse("sqlite:///tmp/shop.db?query=select 1").text
    '/tmp/shop.db'
    """
    text = os.fspath(source)
    found = SCHEME.match(text)
    if found is None:
        if "#" not in text or _exists(text):
            return Address(text)
        body, _, part = text.partition("#")
        while not _exists(body) and "#" in part:
            more, _, part = part.partition("#")
            body = f"{body}#{more}"
        return Address(body, "", part)
    scheme = found[1].lower()
    if scheme not in (*SERVERS, *FILES):
        return Address(text, scheme)
    body, part = _part(text)
    if scheme in FILES:
        rest = body[found.end() :].split("?")[0]
        rest = rest.removeprefix("localhost") if scheme == "file" else rest
        return Address(_local(unquote(rest), scheme), "", part)
    return Address(body, "postgresql", part)


def _exists(text: str) -> bool:
    try:
        return Path(text).expanduser().exists()
    except (OSError, ValueError, RuntimeError):
        return False


def _local(rest: str, scheme: str) -> str:
    """``sqlite:///a.db`` is beside us, ``sqlite:////tmp/a.db`` and ``sqlite:///tmp/a.db`` are not
    told apart by everybody: the one that exists is meant."""
    if scheme == "sqlite" and rest.startswith("/"):
        beside = rest[1:]
        if _exists(beside) or (not _exists(rest) and beside.startswith("/")):
            return beside
    return rest


def _part(text: str) -> tuple[str, str]:
    """The address without ``table=``, ``query=`` or ``#...``, and what they said."""
    text, _, part = text.partition("#")
    body, question, query = text.partition("?")
    if not question:
        return text, unquote(part)
    kept = []
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name in ("table", "query", "sheet"):
            part = part or value
        else:
            kept.append((name, value))
    return body + (f"?{urlencode(kept, quote_via=quote)}" if kept else ""), part


def joined(source: str, part: str | None) -> str:
    """The source with a part, as ``--table`` and ``--query`` say it.

    >>> joined("shop.db", "orders"), joined("shop.db", None)
    ('shop.db#orders', 'shop.db')
    """
    return f"{source}#{part}" if part else source


def is_query(part: str) -> bool:
    """Whether a part is SQL, not a name.

    >>> is_query("select * from a"), is_query("orders"), is_query("table")
    (True, False, False)
    """
    return bool(QUERY.match(part))


def selecting(query: str | None) -> str | None:
    """The query as it was given; H223 where it is not one statement that selects.

    >>> selecting("select * from a;")
    'select * from a;'
    """
    if not query:
        return query
    body = query.strip().rstrip(";")
    if is_query(query) and ";" not in re.sub(r"'[^']*'|\"[^\"]*\"", "", body):
        return query
    what = "holds more than one statement" if is_query(query) else "does not begin with select"
    raise HeldoutError(
        "H223",
        f"--query {what}",
        seen=query[:80],
        why="a query is one statement that selects rows; nothing is changed in a database",
        do=["give one statement that begins with select, with or values; a name goes to --table"],
    )


def shown(text: str) -> str:
    """A text as it may be shown and written: passwords in addresses are left out.

    >>> shown("heldout run postgresql://me:s3/cr@t@host/shop?table=a&password=x --target b")
    'heldout run postgresql://me@host/shop?table=a&password=... --target b'
    """
    if "://" not in text:
        return text
    return SECRET_WORD.sub(r"\1=...", SECRET.sub(r"\1@", text))
