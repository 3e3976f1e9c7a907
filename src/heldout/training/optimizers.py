"""Optimizers by name, and which one to begin with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

_MADE: dict[str, Callable[..., Any]] = {
    "sgd": keras.optimizers.SGD,
    "momentum": lambda rate, **more: keras.optimizers.SGD(rate, **{"momentum": 0.9, **more}),
    "nesterov": lambda rate, **more: keras.optimizers.SGD(
        rate, **{"momentum": 0.9, "nesterov": True, **more}
    ),
    "adagrad": keras.optimizers.Adagrad,
    "adadelta": keras.optimizers.Adadelta,
    "rmsprop": keras.optimizers.RMSprop,
    "adam": keras.optimizers.Adam,
    "adamw": keras.optimizers.AdamW,
    "ftrl": keras.optimizers.Ftrl,
}

RATES = {
    "sgd": 0.01,
    "momentum": 0.01,
    "nesterov": 0.01,
    "adagrad": 0.01,
    "adadelta": 1.0,
    "rmsprop": 1e-3,
    "adam": 1e-3,
    "adamw": 1e-3,
    "ftrl": 0.05,
}
"""Learning rates to begin with. AdaGrad's, AdaDelta's and FTRL's steps shrink by themselves, so
that theirs are larger than Keras' 0.001 (Duchi et al. 2011; Zeiler 2012; McMahan et al. 2013)."""

NAMES = tuple(_MADE)

WIDE = 1_000  # columns of a model that counts as wide
SPARSE = 0.9  # share of zeros of inputs that count as sparse


def optimizer(name: str, learning_rate: float | None = None, **settings: Any) -> Any:
    """A Keras optimizer; ``learning_rate`` None takes ``RATES``, ``settings`` are Keras' own.

    >>> optimizer("nesterov").get_config()["nesterov"], optimizer("ftrl").name
    (True, 'ftrl')
    """
    if name not in _MADE:
        raise ValueError(f"no optimizer {name!r}; there are {', '.join(NAMES)}")
    rate = RATES[name] if learning_rate is None else learning_rate
    return _MADE[name](rate, **settings)


def usual(hidden: Sequence[int], x: Any) -> str:
    """Adam, which needs the least care; FTRL for a linear model of many columns that are mostly
    zero, where each weight needs a rate of its own and L1 makes weights exactly zero.

    >>> usual((64,), np.eye(2_000)), usual((), np.eye(2_000)), usual((), np.eye(10))
    ('adam', 'ftrl', 'adam')
    """
    if hidden or np.ndim(x) != 2 or np.shape(x)[1] < WIDE:
        return "adam"
    zeros = 1.0 - np.count_nonzero(x) / np.size(x)
    return "ftrl" if zeros >= SPARSE else "adam"
