"""How a setting changes while training: functions of the step, computed before the epoch starts.

A schedule is an input of the compiled program, so that any of them is free to change without a
new compilation. Keras' own schedule objects work too, inside the optimizer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from heldout.core.arrays import Array, Doubles


@dataclass(frozen=True)
class Schedule:
    """``value`` times ``shape(progress, step)``; ``progress`` runs from 0 to 1 over the whole
    training. With ``warm_up`` steps the value first rises from ``value / warm_up`` in a line."""

    value: float
    shape: Callable[[Doubles, Doubles], Doubles]
    name: str = ""
    warm_up: int = 0

    def over(self, steps: Array, total: int) -> Doubles:
        """The values at these steps (counted from 0) of ``total``."""
        at = np.asarray(steps, dtype=np.float64)
        rest = max(total - self.warm_up, 1)
        made = self.shape(np.clip((at - self.warm_up) / rest, 0.0, 1.0), at - self.warm_up)
        if self.warm_up:
            made = np.where(at < self.warm_up, (at + 1.0) / self.warm_up, made)
        result: Doubles = self.value * made
        return result


def constant(value: float, warm_up: int = 0) -> Schedule:
    """Always the same.

    >>> constant(0.1, warm_up=2).over([0, 1, 2], 10).tolist()
    [0.05, 0.1, 0.1]
    """
    return Schedule(value, lambda t, _: np.ones_like(t), "constant", warm_up)


def cosine(value: float, warm_up: int = 0, last: float = 0.0) -> Schedule:
    """Half a cosine down to ``last`` times the value (Loshchilov and Hutter 2017).

    >>> cosine(1.0).over([0, 5, 10], 10).round(6).tolist()
    [1.0, 0.5, 0.0]
    """

    def shape(t: Doubles, _: Doubles) -> Doubles:
        return last + (1.0 - last) * 0.5 * (1.0 + np.cos(np.pi * t))

    return Schedule(value, shape, "cosine", warm_up)


def coslog4(value: float, warm_up: int = 0) -> Schedule:
    """Four waves of growing length between 0 and the value: (1 - cos(2 pi log2(1 + 15 t))) / 2
    (RealMLP; Holzmueller, Grinsztajn and Steinwart 2024).

    >>> coslog4(1.0).over([0, 1, 3, 7, 15], 15).round(6).tolist()
    [0.0, 0.0, 0.0, 0.0, 0.0]
    """

    def shape(t: Doubles, _: Doubles) -> Doubles:
        return 0.5 * (1.0 - np.cos(2.0 * np.pi * np.log2(1.0 + 15.0 * t)))

    return Schedule(value, shape, "coslog4", warm_up)


def flat_cosine(value: float, warm_up: int = 0, flat: float = 0.5) -> Schedule:
    """Constant for the share ``flat``, then half a cosine down to 0.

    >>> flat_cosine(1.0).over([0, 5, 10], 10).round(6).tolist()
    [1.0, 1.0, 0.0]
    """

    def shape(t: Doubles, _: Doubles) -> Doubles:
        rest = np.clip((t - flat) / (1.0 - flat), 0.0, 1.0)
        return 0.5 * (1.0 + np.cos(np.pi * rest))

    return Schedule(value, shape, "flat_cosine", warm_up)


def linear(value: float, warm_up: int = 0, last: float = 0.0) -> Schedule:
    """A line down to ``last`` times the value.

    >>> linear(2.0).over([0, 5, 10], 10).tolist()
    [2.0, 1.0, 0.0]
    """
    return Schedule(value, lambda t, _: 1.0 - (1.0 - last) * t, "linear", warm_up)


def exponential(value: float, factor: float, every: int = 1, warm_up: int = 0) -> Schedule:
    """Times ``factor`` for every ``every`` steps, continuously.

    >>> exponential(1.0, 0.5, every=10).over([0, 10, 20], 100).tolist()
    [1.0, 0.5, 0.25]
    """

    def shape(_: Doubles, step: Doubles) -> Doubles:
        made: Doubles = factor ** (np.maximum(step, 0.0) / every)
        return made

    return Schedule(value, shape, "exponential", warm_up)


def piecewise(value: float, borders: dict[int, float]) -> Schedule:
    """``borders``: from this step on this multiple of the value.

    >>> piecewise(1.0, {10: 0.1, 20: 0.01}).over([0, 10, 25], 100).tolist()
    [1.0, 0.1, 0.01]
    """

    def shape(_: Doubles, step: Doubles) -> Doubles:
        made = np.ones_like(step)
        for border, factor in sorted(borders.items()):
            made[step >= border] = factor
        return made

    return Schedule(value, shape, "piecewise")


def growing(value: float, last: float) -> Schedule:
    """Exponentially from the value to ``last``: a learning-rate range test.

    >>> growing(1e-4, 1.0).over([0, 50, 100], 100).round(6).tolist()
    [0.0001, 0.01, 1.0]
    """
    ratio = last / value

    def shape(t: Doubles, _: Doubles) -> Doubles:
        made: Doubles = ratio**t
        return made

    return Schedule(value, shape, "growing")


SHAPES: dict[str, Callable[..., Schedule]] = {
    "constant": constant,
    "cosine": cosine,
    "coslog4": coslog4,
    "flat_cosine": flat_cosine,
    "linear": linear,
    "exponential": exponential,
}
