"""The bytes of a text file as UTF-8 with LF line ends, whole or in blocks."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from heldout.core.errors import HeldoutError
from heldout.core.names import count
from heldout.tables.packing import damage, opened

BLOCK = 1 << 23
UNDEFINED_1252 = b"\x81\x8d\x8f\x90\x9d"
MOST_LINE = 1 << 26  # bytes without a line end: more is no table
NULS = 0.3  # share of zero bytes at every second place, from which a text is UTF-16
WIDE = {"utf-16": 2, "utf-16-le": 2, "utf-16-be": 2, "utf-32": 4}
BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
END_OF_FILE = b"\x1a\0"  # what DOS wrote at the end, and what a crash leaves there


@dataclass(frozen=True)
class Encoding:
    """How the bytes are written: ``name`` for codecs, ``line_end`` LF, CRLF or CR, ``packed`` by
    what; ``size``: bytes once unpacked, ``lines`` how many line ends."""

    name: str
    line_end: str
    packed: str = ""
    size: int = 0
    lines: int = 0


def unreadable(path: Path, error: Exception) -> HeldoutError:
    """For a file that is there but cannot be read."""
    return HeldoutError(
        "H213",
        f"{path.name} cannot be read",
        seen=f"{type(error).__name__}: {error}"[:200],
        why="a part of the data would be missing",
        do=["check the rights of the file, or copy it again"],
    )


def wide(head: bytes) -> str:
    """The name of an encoding of two or four bytes a character, by its mark or by its zeros.

    >>> wide("a,b".encode("utf-16-le") * 9), wide(b"a,b")
    ('utf-16-le', '')
    """
    for mark, name in BOMS:
        if head.startswith(mark):
            return name
    if len(head) < 8:
        return ""
    even, odd = head[::2], head[1::2]
    shares = even.count(0) / len(even), odd.count(0) / len(odd)
    for here, other, name in ((1, 0, "utf-16-le"), (0, 1, "utf-16-be")):
        if shares[here] > NULS and shares[other] < NULS / 10:
            return name
    return ""


def written(path: Path, head: bytes, packed: str) -> Encoding:
    """How the text of a file is written; reads all of it once, in bounded memory."""
    try:
        name = wide(head)
        return _wide(path, name, packed) if name else _narrow(path, head, packed)
    except damage() as error:
        raise unreadable(path, error) from error


def _wide(path: Path, name: str, packed: str) -> Encoding:
    decoder = codecs.getincrementaldecoder(name)(errors="replace")
    seen, run = _Seen(), _Run(path)
    size = 0
    with opened(path, packed) as stream:
        while block := stream.read(BLOCK):
            text = decoder.decode(block).encode("utf-8", "replace")
            size += len(text)
            run.add(text)
            seen.add(text)
    return Encoding(name, seen.line_end, packed, size, seen.lines)


def _narrow(path: Path, head: bytes, packed: str) -> Encoding:
    decoder = codecs.getincrementaldecoder("utf-8")()
    utf8, high, size = True, False, 0
    seen, run = _Seen(), _Run(path)
    undefined: set[int] = set()
    with opened(path, packed) as stream:
        while block := stream.read(BLOCK):
            size += len(block)
            seen.add(block)
            run.add(block)
            if utf8:
                try:
                    decoder.decode(block)
                    continue
                except UnicodeDecodeError:
                    utf8 = False
            if block.isascii():
                continue
            high = high or any(0x80 <= b <= 0x9F for b in set(block))
            undefined |= set(block) & set(UNDEFINED_1252)
    name = "utf-8"
    if utf8 and head.startswith(codecs.BOM_UTF8):
        name = "utf-8-sig"
    elif not utf8:
        name = "cp1252" if high and not undefined else "latin-1"
    return Encoding(name, seen.line_end, packed, size, seen.lines)


class _Seen:
    """Which line ends a text has."""

    def __init__(self) -> None:
        self._lf = self._cr = self._crlf = False
        self._lfs = self._crs = 0

    def add(self, block: bytes) -> None:
        """Look at one more block."""
        self._lfs += block.count(b"\n")
        self._crs += 0 if self._lfs else block.count(b"\r")
        self._lf = self._lfs > 0
        self._cr = self._cr or b"\r" in block
        self._crlf = self._crlf or b"\r\n" in block

    @property
    def lines(self) -> int:
        """How many."""
        return self._lfs or self._crs

    @property
    def line_end(self) -> str:
        """LF, CRLF or CR."""
        return ("CRLF" if self._crlf else "LF") if self._lf or not self._cr else "CR"


class _Run:
    """Bytes since the last line end; raises H219 where they are too many."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held = 0

    def add(self, block: bytes) -> None:
        """Look at one more block."""
        last = max(block.rfind(b"\n"), block.rfind(b"\r"))
        first = (
            len(block)
            if last < 0
            else min(at for at in (block.find(b"\n"), block.find(b"\r")) if at >= 0)
        )
        if self._held + first > MOST_LINE:
            raise endless(self._path, self._held + first)
        self._held = self._held + len(block) if last < 0 else len(block) - last - 1


def endless(path: Path, size: int) -> HeldoutError:
    """For a row that does not end."""
    return HeldoutError(
        "H219",
        f"{path.name} has a row of more than {count(size >> 20)} MB",
        seen="no line end, or a quote that is never closed",
        why="no row of a table is so long; it is another kind of file, or its line ends were lost",
        do=["check how the file was written"],
    )


def blocks(path: Path, encoding: Encoding, size: int = BLOCK) -> Iterator[bytes]:
    """UTF-8 bytes with LF line ends; blocks may end anywhere but within a character or CRLF.

    What DOS or a crash left at the end of the file (0x1A, zeros) is no part of it.
    """
    held = b""
    for block in _line_ended(path, encoding, size):
        whole = held + block
        body = whole.rstrip(END_OF_FILE)
        held = whole[len(body) :]
        if len(held) > MOST_LINE:
            raise endless(path, len(held))
        if body:
            yield body


def _line_ended(path: Path, encoding: Encoding, size: int) -> Iterator[bytes]:
    decoder = None
    if encoding.name != "utf-8":
        decoder = codecs.getincrementaldecoder(encoding.name)(errors="replace")
    try:
        with opened(path, encoding.packed) as stream:
            held = b""
            while block := stream.read(size):
                if decoder is not None:
                    block = decoder.decode(block).encode("utf-8", "replace")
                block = held + block
                held = b"\r" if encoding.line_end == "CRLF" and block.endswith(b"\r") else b""
                yield _line_ends(block[: len(block) - len(held)], encoding.line_end)
            if decoder is not None:
                held += decoder.decode(b"", final=True).encode("utf-8", "replace")
            if held:
                yield held
    except damage() as error:
        raise unreadable(path, error) from error


def _line_ends(block: bytes, line_end: str) -> bytes:
    if line_end == "CRLF":
        return block.replace(b"\r\n", b"\n")
    return block.replace(b"\r", b"\n") if line_end == "CR" else block
