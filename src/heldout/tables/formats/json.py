"""JSON: an array of records, an object of columns, or an object that holds one of these."""

from __future__ import annotations

from typing import Any

from heldout.core.errors import HeldoutError
from heldout.tables import memory, packing, records
from heldout.tables.decode import unreadable
from heldout.tables.file import File
from heldout.tables.format import Ask, FormatCard, Size
from heldout.tables.infer import Raw

BYTES = 30  # of memory a byte of the file
DEEPEST = 2


def read(file: File, ask: Ask) -> Raw:
    """The whole document."""
    data = _bytes(file)
    need, have = BYTES * len(data), memory.allowed()
    if need > have:
        raise memory.too_large(file.name, need, have, "write it as JSON lines, CSV or Parquet")
    try:
        document = records.decoded(_utf8(data))
    except ValueError as error:
        raise unreadable(file.path, error) from error
    found = _table(document, ask.part)
    if found is None:
        raise HeldoutError(
            "H214",
            f"{file.name} is JSON, but no table",
            seen=_shape(document, ask.part),
            why="a table is an array of objects, one for each row, or an object of columns",
            do=['write it as an array of records: [{"age": 31}, {"age": 27}]'],
        )
    return records.raw(records.of_objects(found, file), file, "JSON")


def _bytes(file: File) -> bytes:
    most = memory.allowed() // BYTES
    try:
        with packing.opened(file.path, file.packed) as stream:
            data = stream.read(most + 1)
    except packing.damage() as error:
        raise unreadable(file.path, error) from error
    if len(data) > most:
        need = BYTES * max(len(data), file.stored)
        raise memory.too_large(file.name, need, memory.allowed(), "write it as JSON lines or CSV")
    return data.rstrip(b"\0\x1a")


def _utf8(data: bytes) -> bytes:
    from heldout.tables.decode import wide

    name = wide(data[:4096])
    if name:
        return data.decode(name, "replace").lstrip("\ufeff").encode()
    return data.removeprefix(b"\xef\xbb\xbf")


def _table(document: Any, part: str) -> list[Any] | dict[str, Any] | None:
    """Records or columns within a document; ``part`` names the key that holds them."""
    if part:
        return _table(document.get(part), "") if isinstance(document, dict) else None
    if isinstance(document, list):
        return document if document and all(isinstance(r, dict) for r in document) else None
    if not isinstance(document, dict) or not document:
        return None
    values = list(document.values())
    if all(isinstance(v, list) and not any(isinstance(c, (dict, list)) for c in v) for v in values):
        return document if len({len(v) for v in values}) == 1 else None
    inside = [v for v in values if isinstance(v, list) and _table(v, "") is not None]
    if len(inside) == 1:
        return _table(inside[0], "")
    if all(isinstance(v, dict) for v in values):  # pandas writes columns of rows by number
        keys = list(values[0])
        if keys and all(list(v) == keys for v in values) and _numbers(keys):
            return {name: list(column.values()) for name, column in document.items()}
    return None


def _numbers(keys: list[str]) -> bool:
    return all(key.isdigit() for key in keys)


def _shape(document: Any, part: str) -> str:
    if isinstance(document, dict):
        keys = ", ".join(list(document)[:6])
        return f'no key "{part}"; keys: {keys}' if part else f"an object with the keys {keys}"
    if isinstance(document, list):
        return f"an array of {len(document)}" + (
            f", the first a {type(document[0]).__name__}" if document else ""
        )
    return f"a single {type(document).__name__}"


def found(file: File) -> bool:
    """It begins with a bracket or a brace, and a JSON value after it."""
    start = file.head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if start[:1] == b"{":
        return start[1:].lstrip()[:1] in (b'"', b"}")
    return start[:1] == b"[" and start[1:].lstrip()[:1] in (b"{", b"[", b"]")


def size(file: File, ask: Ask) -> Size:
    """By the bytes of the file (a packed one is measured while it is read)."""
    return Size(0, BYTES * file.stored)


CARD = FormatCard(
    name="json",
    title="JSON",
    about="an array of records, an object of columns, or an object that holds one of these",
    endings=(".json",),
    rank=93,
    found=found,
    read=read,
    size=size,
    part="key",
    packed=True,
)
