"""TensorBoard's event files, written by hand, without TensorFlow: scalars, histograms, graphs.

A file is a row of records (length, its checksum, payload, its checksum; CRC-32C, masked), each
payload an ``Event`` in protocol buffers (tensorflow/core/util/event.proto).
"""

from __future__ import annotations

import struct
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np

from heldout.core.arrays import Array

BINS = 30


class EventFile:
    """Appends to one file in ``folder``; its name is fixed by ``name``."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"events.out.tfevents.0.{name}"
        if not self.path.exists():
            self._append(_double(1, _wall()) + text(3, b"brain.Event:2"))

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        """One point of each curve."""
        made = b"".join(text(1, text(1, k.encode()) + _float(2, v)) for k, v in values.items())
        self._append(_double(1, _wall()) + _whole(2, step) + text(5, made))

    def histogram(self, step: int, name: str, values: Array) -> None:
        """How values lie: 30 bins of equal width."""
        flat = np.asarray(values, dtype=np.float64).ravel()
        flat = flat[np.isfinite(flat)]
        if not len(flat):
            return
        counts, edges = np.histogram(flat, BINS)
        sums = (len(flat), flat.sum(), float(flat @ flat))
        made = _double(1, flat.min()) + _double(2, flat.max())
        made += b"".join(_double(3 + i, float(v)) for i, v in enumerate(sums))
        made += text(6, edges[1:].astype("<f8").tobytes())
        made += text(7, counts.astype("<f8").tobytes())
        summary = text(1, text(1, name.encode()) + text(5, made))
        self._append(_double(1, _wall()) + _whole(2, step) + text(5, summary))

    def graph(self, definition: bytes) -> None:
        """The network as a GraphDef (``board.graph``)."""
        self._append(_double(1, _wall()) + text(4, definition))

    def _append(self, event: bytes) -> None:
        with self.path.open("ab") as file:
            file.write(record(event))


def record(payload: bytes) -> bytes:
    """Length and payload with their checksums.

    >>> len(record(b"abc"))
    19
    """
    length = struct.pack("<Q", len(payload))
    return length + _checksum(length) + payload + _checksum(payload)


def crc32c(data: bytes) -> int:
    """The Castagnoli checksum (RFC 3720).

    >>> hex(crc32c(b"123456789"))
    '0xe3069283'
    """
    table, crc = _table(), 0xFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


@cache
def _table() -> tuple[int, ...]:
    made = []
    for n in range(256):
        for _ in range(8):
            n = (n >> 1) ^ 0x82F63B78 if n & 1 else n >> 1  # noqa: PLW2901
        made.append(n)
    return tuple(made)


def _checksum(data: bytes) -> bytes:
    crc = crc32c(data)
    masked = (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF
    return struct.pack("<I", masked)


def _wall() -> float:
    """Seconds since 1970: TensorBoard's axis "wall"."""
    return time.clock_gettime(time.CLOCK_REALTIME) if hasattr(time, "clock_gettime") else 0.0


def _varint(value: int) -> bytes:
    made = bytearray()
    while value > 127:
        made.append(value & 127 | 128)
        value >>= 7
    made.append(value)
    return bytes(made)


def _whole(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _double(field: int, value: float) -> bytes:
    return _varint(field << 3 | 1) + struct.pack("<d", value)


def _float(field: int, value: float) -> bytes:
    return _varint(field << 3 | 5) + struct.pack("<f", value)


def text(field: int, value: bytes) -> bytes:
    """A field of bytes, a text or a message inside a message."""
    return _varint(field << 3 | 2) + _varint(len(value)) + value
