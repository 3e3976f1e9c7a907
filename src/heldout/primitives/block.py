"""Block: what a model eats (joints 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from heldout.core.arrays import Array, Ints


@dataclass(frozen=True)
class Part:
    """``values`` (samples, ...) of one kind: "numbers" float32 [n, d], "codes" int32 [n, c],
    "image" uint8 [n, h, w, 3], "window" float32 [n, t, d].

    ``names`` and ``origins`` (the raw column) are per feature; ``categorical`` marks features of
    a "numbers" part that hold codes of categories; ``sizes`` are levels per code column.
    """

    kind: str
    values: Array
    names: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    categorical: tuple[bool, ...] = ()
    sizes: tuple[int, ...] = ()


@dataclass(frozen=True)
class Block:
    """Parts by name, for these samples."""

    parts: Mapping[str, Part]
    samples: Ints

    def __len__(self) -> int:
        return len(self.samples)

    @property
    def x(self) -> Array:
        """The values of the only or main part, named "x"."""
        return self.parts["x"].values
