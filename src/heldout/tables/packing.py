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
    made = zstandard.ZstdDecompressor(max_window_size=WINDOW)
    return made.stream_reader(path.open("rb"), read_across_frames=True, closefd=True)


def damage() -> tuple[type[Exception], ...]:
    """What unpacking raises where the bytes are damaged or cut off."""
    known: tuple[type[Exception], ...] = (OSError, EOFError, zlib.error, lzma.LZMAError)
    try:
        import zstandard
    except ImportError:
        return known
    return (*known, zstandard.ZstdError)
