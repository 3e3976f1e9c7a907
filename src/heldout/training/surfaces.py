"""Optimizers on hills that can be drawn: momentum as a ball, saddles, valleys, two hollows.

Every step is taken by the Keras optimizer that trains networks here, not by a copy of its formula.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from heldout.core.arrays import Doubles
from heldout.core.seed import Seed
from heldout.training import optimizers


@dataclass(frozen=True)
class Surface:
    """``height`` and ``slope`` of places (d,); ``start``; ``floor`` the lowest place there is."""

    name: str
    height: Callable[[Doubles], float]
    slope: Callable[[Doubles], Doubles]
    start: tuple[float, ...]
    floor: tuple[float, ...]


def _two_height(p: Doubles) -> float:
    x = float(p[0])
    return x**4 / 4 - x**2 / 2 - 0.15 * x


SURFACES = {
    s.name: s
    for s in (
        Surface(
            "two hollows",
            _two_height,
            lambda p: p**3 - p - 0.15,
            (-1.9,),
            (1.06792,),
        ),
        Surface(
            "valley",
            lambda p: float(p[0] ** 2 / 2 + 25 * p[1] ** 2 / 2),
            lambda p: np.array([p[0], 25 * p[1]]),
            (-4.0, 1.0),
            (0.0, 0.0),
        ),
        Surface(
            "saddle",
            lambda p: float(p[0] ** 2 / 2 - p[1] ** 2 / 2 + p[1] ** 4 / 4),
            lambda p: np.array([p[0], p[1] ** 3 - p[1]]),
            (2.0, 1e-3),
            (0.0, 1.0),
        ),
    )
}
"""In one dimension a shallow hollow to the left of a deeper one; in two a long narrow valley, and a
saddle: lowest along one axis, highest along the other."""


@dataclass(frozen=True)
class Walk:
    """``places`` (steps + 1, d), the start first."""

    surface: Surface
    optimizer: str
    places: Doubles

    @property
    def heights(self) -> Doubles:
        """At every place."""
        return np.array([self.surface.height(p) for p in self.places])

    @property
    def left(self) -> float:
        """How far the last place is from the floor."""
        return float(np.linalg.norm(self.places[-1] - np.array(self.surface.floor)))


def walk(surface: str, optimizer: str, rate: float, steps: int = 100, **settings: Any) -> Walk:
    """Follow the slope from the start."""
    ground = SURFACES[surface]
    made = optimizers.optimizer(optimizer, rate, **settings)
    at = keras.Variable(np.array(ground.start, np.float32))
    places = [np.array(ground.start)]
    for _ in range(steps):
        slope = ground.slope(places[-1]).astype(np.float32)
        made.apply([keras.ops.convert_to_tensor(slope)], [at])
        places.append(np.array(keras.ops.convert_to_numpy(at), dtype=np.float64))
    return Walk(ground, optimizer, np.stack(places))


def share_of_minima(dimensions: int, draws: int = 2_000, seed: int = 0) -> float:
    """Of flat places whose curvatures are drawn at random (symmetric Gaussian matrices), the share
    where the ground rises on all sides: with more dimensions nearly every flat place is a saddle.

    >>> 0.55 > share_of_minima(1) > 0.4 > share_of_minima(2) > 0.1 > share_of_minima(4)
    True
    """
    rng = Seed(seed).child("minima").rng()
    drawn = rng.normal(size=(draws, dimensions, dimensions))
    bends = np.linalg.eigvalsh(drawn + drawn.transpose(0, 2, 1))
    return float((bends[:, 0] > 0).mean())
