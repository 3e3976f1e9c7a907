"""A file on its way to being a table: its first bytes, what packed it, how its text is written."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from heldout.core.errors import HeldoutError
from heldout.tables import packing
from heldout.tables.address import Address
from heldout.tables.decode import Encoding, blocks, unreadable, written
from heldout.tables.dialect import SAMPLE, Dialect, sniff
from heldout.tables.signature import HEAD


@dataclass(frozen=True)
class File:
    """``path`` is where the bytes lie; ``address`` that of a server, which has no bytes."""

    path: Path
    address: Address | None = None

    @property
    def name(self) -> str:
        """As people call it."""
        return self.path.name

    @cached_property
    def packed(self) -> str:
        """What packed it: "gzip", "zstd", "bzip2", "xz" or nothing."""
        return packing.packing(self._first(""))

    @cached_property
    def head(self) -> bytes:
        """The first 4096 bytes, unpacked."""
        return self._first(self.packed) if self.packed else self._first("")

    @cached_property
    def stored(self) -> int:
        """Bytes on disk."""
        return self.path.stat().st_size

    @cached_property
    def encoding(self) -> Encoding:
        """How the text is written: all bytes are looked at once."""
        return written(self.path, self.head, self.packed)

    @cached_property
    def sample(self) -> bytes:
        """The first part of the text, UTF-8 with LF line ends."""
        return next(blocks(self.path, self.encoding), b"")[:SAMPLE]

    @cached_property
    def dialect(self) -> Dialect:
        """What divides the fields of the first part."""
        return sniff(self.sample, whole=len(self.sample) < SAMPLE)

    def _first(self, packed: str) -> bytes:
        try:
            with packing.opened(self.path, packed) as stream:
                return stream.read(HEAD)
        except HeldoutError:
            raise
        except packing.damage() as error:
            raise unreadable(self.path, error) from error
