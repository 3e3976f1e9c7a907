"""The bytes of a text file as UTF-8 with LF line ends, whole or in blocks."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from heldout.core.errors import HeldoutError
from heldout.tables.signature import HEAD, kind_of

BLOCK = 1 << 23
UNDEFINED_1252 = b"\x81\x8d\x8f\x90\x9d"


@dataclass(frozen=True)
class Encoding:
    """How the bytes are written: ``name`` for codecs, ``line_end`` LF, CRLF or CR, ``gzip``."""

    name: str
    line_end: str
    gzip: bool
    format: str


def unreadable(path: Path, error: Exception) -> HeldoutError:
    """For a file that is there but cannot be read."""
    return HeldoutError(
        "H213",
        f"{path.name} cannot be read",
        seen=f"{type(error).__name__}: {error}"[:200],
        why="a part of the data would be missing",
        do=["check the rights of the file, or copy it again"],
    )


def look(path: Path) -> Encoding:
    """What the file is and how its text is written; reads all of it once."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
        kind = kind_of(path, head)
        packed = kind == "gzip"
        if packed:
            with gzip.open(path) as stream:
                head = stream.read(HEAD)
            kind = kind_of(path, head)
        if kind not in ("text", "arff"):
            return Encoding("", "", packed, kind)
        return _written(path, head, packed, kind)
    except (OSError, EOFError, zlib.error) as error:
        raise unreadable(path, error) from error


def _written(path: Path, head: bytes, packed: bool, kind: str) -> Encoding:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Encoding("utf-16", "CRLF" if b"\r\0\n" in head else "LF", packed, kind)
    decoder = codecs.getincrementaldecoder("utf-8")()
    utf8, high, lf, cr, crlf = True, False, False, False, False
    seen: set[int] = set()
    with _open(path, packed) as stream:
        while block := stream.read(BLOCK):
            lf = lf or b"\n" in block
            cr = cr or b"\r" in block
            crlf = crlf or b"\r\n" in block
            if block.isascii():
                continue
            if utf8:
                try:
                    decoder.decode(block)
                    continue
                except UnicodeDecodeError:
                    utf8 = False
            high = high or any(0x80 <= b <= 0x9F for b in set(block))
            seen |= set(block) & set(UNDEFINED_1252)
    name = "utf-8"
    if utf8 and head.startswith(codecs.BOM_UTF8):
        name = "utf-8-sig"
    elif not utf8:
        name = "cp1252" if high and not seen else "latin-1"
    return Encoding(name, ("CRLF" if crlf else "LF") if lf or not cr else "CR", packed, kind)


def _open(path: Path, packed: bool) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(path)) if packed else path.open("rb")


def blocks(path: Path, encoding: Encoding, size: int = BLOCK) -> Iterator[bytes]:
    """UTF-8 bytes with LF line ends; blocks may end anywhere but within a character or CRLF."""
    decoder = None
    if encoding.name != "utf-8":
        decoder = codecs.getincrementaldecoder(encoding.name)(errors="replace")
    try:
        with _open(path, encoding.gzip) as stream:
            held = b""
            while block := stream.read(size):
                if decoder is not None:
                    block = decoder.decode(block).encode("utf-8")
                block = held + block
                held = b"\r" if encoding.line_end == "CRLF" and block.endswith(b"\r") else b""
                yield _line_ends(block[: len(block) - len(held)], encoding.line_end)
            if held:
                yield held
    except (OSError, EOFError, zlib.error) as error:
        raise unreadable(path, error) from error


def _line_ends(block: bytes, line_end: str) -> bytes:
    if line_end == "CRLF":
        return block.replace(b"\r\n", b"\n")
    return block.replace(b"\r", b"\n") if line_end == "CR" else block
