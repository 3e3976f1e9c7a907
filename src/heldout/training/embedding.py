"""A learned embedding, taken out of a network: saved, looked at, used again (PREP-21).

Near each other lie values that the network treats alike, for the question that it was trained on:
another question gives another map.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from heldout.core import files
from heldout.core.arrays import Array, Doubles


@dataclass(frozen=True)
class Embedding:
    """``names`` of the n values, ``values`` float32 (n, width).

    >>> e = Embedding(("a", "b", "c"), np.array([[1.0, 0.0], [2.0, 0.1], [0.0, 1.0]]))
    >>> [name for name, _ in e.nearest("a", 2)]
    ['b', 'c']
    """

    names: tuple[str, ...]
    values: Array

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or len(self.values) != len(self.names):
            raise ValueError(f"{len(self.names)} names for an array of shape {self.values.shape}")

    @classmethod
    def of(cls, model: Any, layer: str, names: Sequence[str] | None = None) -> Embedding:
        """The table of an embedding layer; without ``names`` the values are numbered."""
        values = np.asarray(model.get_layer(layer).get_weights()[0])
        own = names if names is not None else [str(i) for i in range(len(values))]
        return cls(tuple(own), values)

    def nearest(self, name: str, count: int = 5) -> list[tuple[str, float]]:
        """The values that point in the most similar direction, with the cosine, best first."""
        at = self._at(name)
        cosine = self._unit @ self._unit[at]
        order = [int(i) for i in np.argsort(-cosine, kind="stable") if i != at]
        return [(self.names[i], float(cosine[i])) for i in order[:count]]

    def direction(self, start: str, end: str, count: int = 5) -> list[tuple[str, float]]:
        """How far each value lies on the way from ``start`` (0) to ``end`` (1), farthest first."""
        a, b = (self.values[self._at(n)].astype(np.float64) for n in (start, end))
        along = (self.values - a) @ (b - a) / float((b - a) @ (b - a))
        order = np.argsort(-along, kind="stable")[:count]
        return [(self.names[i], float(along[i])) for i in order]

    def plane(self) -> tuple[Doubles, float]:
        """Coordinates (n, 2) on the two directions with most spread, and the share of the spread
        that they show; signs are fixed by the largest coordinate."""
        centered = self.values.astype(np.float64) - self.values.mean(axis=0, dtype=np.float64)
        u, s, _ = np.linalg.svd(centered, full_matrices=False)
        made = np.zeros((len(centered), 2))
        made[:, : min(2, len(s))] = (u * s)[:, :2]
        largest = made[np.abs(made).argmax(axis=0), [0, 1]]
        total = float((s**2).sum())
        share = float((s[:2] ** 2).sum()) / total if total > 0 else 1.0
        return made * np.where(largest < 0, -1.0, 1.0), share

    def layer(self, trainable: bool = False) -> Any:
        """A Keras layer that begins with this table, for another network."""
        import keras

        made = keras.layers.Embedding(*self.values.shape, trainable=trainable)
        made.build((None,))
        made.set_weights([self.values])
        return made

    def save(self, path: Path | str) -> None:
        """Text: a line a value, its name and numbers between tabs. Nothing is pickled."""
        rows = [
            "\t".join([n, *map(repr, row)])
            for n, row in zip(self._safe, self.values.tolist(), strict=True)
        ]
        files.write(Path(path), "\n".join(rows) + "\n")

    @classmethod
    def load(cls, path: Path | str) -> Embedding:
        """The inverse of ``save``."""
        rows = [r.split("\t") for r in Path(path).read_text(encoding="utf-8").splitlines()]
        values = np.array([[float(v) for v in row[1:]] for row in rows], np.float32)
        return cls(tuple(row[0] for row in rows), values)

    @property
    def _safe(self) -> list[str]:
        bad = [n for n in self.names if "\t" in n or "\n" in n or "\r" in n]
        if bad:
            raise ValueError(f"a name with a tab or a line break cannot be saved: {bad[0]!r}")
        return list(self.names)

    @property
    def _unit(self) -> Doubles:
        values = self.values.astype(np.float64)
        length = np.linalg.norm(values, axis=1, keepdims=True)
        return np.asarray(values / np.where(length > 0, length, 1.0))

    def _at(self, name: str) -> int:
        if name not in self.names:
            raise KeyError(f"{name!r} is not among the {len(self.names)} values")
        return self.names.index(name)
