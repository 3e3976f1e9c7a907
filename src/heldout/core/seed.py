"""One root seed; every consumer derives its own by name (contract 8)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Seed:
    """A path of names below a root; adding a consumer changes no other consumer's draws.

    >>> Seed(0).child("fold", 3).integer() == Seed(0).child("fold", 3).integer()
    True
    >>> Seed(0).child("fold", 3).integer() == Seed(0).child("fold", 4).integer()
    False
    """

    root: int = 0
    path: tuple[str, ...] = ()

    def child(self, *names: str | int) -> Seed:
        """The seed of a named part."""
        return Seed(self.root, (*self.path, *map(str, names)))

    def digest(self) -> bytes:
        """32 bytes that depend on root and path only."""
        return hashlib.sha256("\x1f".join((str(self.root), *self.path)).encode()).digest()

    def integer(self) -> int:
        """From 0 to 2**31 - 1: what LightGBM and scikit-learn take."""
        return int.from_bytes(self.digest()[:4], "little") & 0x7FFFFFFF

    def rng(self) -> np.random.Generator:
        """NumPy's default generator, seeded by the path."""
        import numpy as np

        return np.random.default_rng(list(self.digest()[:16]))
