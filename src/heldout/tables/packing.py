"""Packed files: what packed them is told by the first bytes, and they are unpacked while read."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from pathlib import Path
from typing import IO, Any, cast

from heldout.core.errors import HeldoutError

MAGIC = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
}
WINDOW = 1 << 27  # bytes that unpacking zstd may hold
XZ_MEMORY = 1 << 28
FED = 512  # bytes: each four of them may be a block of 128 kB


def packing(head: bytes) -> str:
    """What packed a file that begins so; empty for plain files.

    >>> packing(b"\\x1f\\x8b\\x08"), packing(b"a,b")
    ('gzip', '')
    """
    return next((name for magic, name in MAGIC.items() if head.startswith(magic)), "")


def opened(path: Path, packed: str) -> IO[bytes]:
    """The bytes of a file as they were before packing."""
    if packed == "gzip":
        return cast("IO[bytes]", gzip.open(path))
    if packed == "bzip2":
        return cast("IO[bytes]", bz2.open(path))
    if packed == "xz":
        return io.BufferedReader(_Xz(path))
    if packed == "zstd":
        return cast("IO[bytes]", _zstd(path))
    return path.open("rb")


class _Xz(io.RawIOBase):
    """xz with a limit on the memory that its header may ask for."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._made = lzma.LZMADecompressor(memlimit=XZ_MEMORY)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while True:
            if self._made.eof:
                left = self._made.unused_data.lstrip(b"\0") or self._file.read(1 << 16).lstrip(
                    b"\0"
                )
                if not left:
                    return 0
                self._made = lzma.LZMADecompressor(memlimit=XZ_MEMORY)
                block = self._made.decompress(left, len(buffer))
            else:
                data = self._file.read(1 << 16) if self._made.needs_input else b""
                if not data and self._made.needs_input:
                    raise EOFError("the packed data end too early")
                block = self._made.decompress(data, len(buffer))
            if block:
                buffer[: len(block)] = block
                return len(block)

    def close(self) -> None:
        self._file.close()
        super().close()


def _zstd(path: Path) -> Any:
    try:
        import zstandard
    except ImportError as error:
        raise HeldoutError(
            "H222",
            f"{path.name} is packed by Zstandard, which needs the package zstandard",
            seen="it begins with the bytes 28 b5 2f fd",
            why="Python of this version does not unpack it by itself",
            do=['pip install "heldout[files]"', "or unpack it first: zstd -d"],
        ) from error
    return io.BufferedReader(_Zstd(path, zstandard.ZstdDecompressor(max_window_size=WINDOW)))


class _Zstd(io.RawIOBase):
    """Zstandard, fed so little at a time that no block can grow beyond some megabytes; a file
    that is cut off is told."""

    def __init__(self, path: Path, made: Any) -> None:
        self._file = path.open("rb")
        self._made = made
        self._now: Any = None
        self._held = b""
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._held:
            data = self._left or self._file.read(FED)
            self._left = b""
            if not data:
                if self._now is not None and not self._now.eof:
                    raise EOFError("the packed data end too early")
                return 0
            if self._now is None or self._now.eof:
                self._now = self._made.decompressobj()
            self._held = self._now.decompress(data)
            self._left = self._now.unused_data if self._now.eof else b""
        size = min(len(buffer), len(self._held))
        buffer[:size] = self._held[:size]
        self._held = self._held[size:]
        return size

    def close(self) -> None:
        self._file.close()
        super().close()


def damage() -> tuple[type[Exception], ...]:
    """What unpacking raises where the bytes are damaged or cut off."""
    known: tuple[type[Exception], ...] = (OSError, EOFError, zlib.error, lzma.LZMAError)
    try:
        import zstandard
    except ImportError:
        return known
    return (*known, zstandard.ZstdError)
