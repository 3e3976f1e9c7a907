"""The learning-rate range test: raise the rate batch by batch and see where the loss falls, where
it breaks (Smith 2017, Cyclical learning rates; the advice of a tenth is the usual one)."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np

from heldout.core.arrays import Doubles
from heldout.core.seed import Seed
from heldout.training import state as states
from heldout.training.data import Data
from heldout.training.diagnosis.evidence import Rates

SMOOTH = 0.8  # weight of the past in the running mean
BREAK = 4.0  # stop where the loss is so many times what it was at first


def range_test(
    model: Any,
    data: Data | tuple[Any, ...],
    *,
    low: float = 1e-6,
    high: float = 10.0,
    steps: int = 80,
    batch: int = 32,
    seed: int = 0,
) -> Rates:
    """One batch at each of ``steps`` rates from ``low`` to ``high``; weights, optimizer and rate
    are put back. Needs an optimizer whose rate is a number."""
    own = data if isinstance(data, Data) else Data.of(*data)
    states.prepare(model, own)
    rng = Seed(seed).child("range test").rng()
    rates = np.geomspace(low, high, steps)
    losses = np.full(steps, math.nan)
    with states.kept(model):
        for i, rate in enumerate(rates):
            part = own.take(rng.choice(len(own), min(batch, len(own)), replace=False))
            model.optimizer.learning_rate.assign(rate)
            model.reset_metrics()
            logs = model.train_on_batch(part.x, part.y, part.weights, return_dict=True)
            losses[i] = float(logs["loss"])
            first = float(np.nanmean(losses[: max(1, min(5, i + 1))]))
            if not math.isfinite(losses[i]) or losses[i] > BREAK * first + 1e-9:
                break
    return read(rates, losses)


def usable(model: Any) -> bool:
    """Whether the rate is a number that can be set."""
    rate = getattr(model.optimizer, "_learning_rate", None)
    return rate is not None and not isinstance(
        rate, keras.optimizers.schedules.LearningRateSchedule
    )


def read(rates: Doubles, losses: Doubles) -> Rates:
    """Where a curve of losses falls fastest and where it breaks.

    >>> rates = np.geomspace(1e-6, 10, 60)
    >>> losses = np.where(rates < 1e-4, 1.0, np.where(rates < 0.3, 0.4, 9.0))
    >>> made = read(rates, losses)
    >>> made.advised < made.breaks, 0.2 < made.breaks < 1.0
    (True, True)
    """
    smooth = _smoothed(losses)
    end = int(np.isfinite(losses).sum())
    if end < 8:
        return Rates(rates, losses, math.nan, math.nan, math.nan)
    head = float(smooth[: max(3, end // 8)].mean())
    bottom = int(np.argmin(smooth[:end]))
    drop = head - float(smooth[bottom])
    noise = float(np.std(losses[: max(3, end // 8)])) / 2
    above = np.nonzero(losses[bottom:end] > head + max(drop, noise))[0]
    breaks = float(rates[bottom + int(above[0])]) if len(above) else float(rates[end - 1])
    if drop <= max(0.02 * abs(head), noise):
        return Rates(rates, losses, math.nan, breaks, math.nan)
    slope = np.gradient(smooth[: bottom + 1]) if bottom else np.zeros(1)
    flat = np.nonzero(smooth[: bottom + 1] > head - 0.1 * drop)[0]
    begun = int(flat[-1]) if len(flat) else 0  # before, ups and downs are those of the batches
    steepest = float(rates[begun + int(np.argmin(slope[begun:]))])
    return Rates(rates, losses, steepest, breaks, min(steepest, breaks / 10))


def _smoothed(losses: Doubles) -> Doubles:
    """A running mean, started without a bias."""
    made = np.full(len(losses), math.nan)
    total = weight = 0.0
    for i, value in enumerate(losses):
        if not math.isfinite(value):
            break
        total, weight = SMOOTH * total + (1 - SMOOTH) * value, SMOOTH * weight + 1 - SMOOTH
        made[i] = total / weight
    return made
