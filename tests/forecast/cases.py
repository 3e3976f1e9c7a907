"""Series with a known answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from heldout.core.seed import Seed
from heldout.splits.origins import plan_origins
from heldout.splits.samples import make_samples
from heldout.tables.read import read
from heldout.tasks.options import Said
from heldout.tasks.state import encode, state, with_roles
from heldout.workflow.backtest import Ground
from heldout.workflow.series import make_series


def seasonal(steps: int = 132, seed: int = 0) -> list[float]:
    """A trend, a season of 12 that grows with it, a little noise."""
    rng = np.random.default_rng(seed)
    t = np.arange(steps)
    level = 100 * np.exp(0.01 * t) * (1 + 0.3 * np.sin(2 * np.pi * t / 12))
    return (level * np.exp(rng.normal(0, 0.02, steps))).tolist()


def walk(steps: int = 150, seed: int = 0) -> list[float]:
    """A random walk: nothing can beat its last value."""
    return (500 + np.cumsum(np.random.default_rng(seed).normal(size=steps))).tolist()


def months(steps: int, first: int = 1990) -> list[str]:
    """January of ``first`` and on."""
    return [f"{first + i // 12}-{i % 12 + 1:02d}" for i in range(steps)]


def ground(
    columns: Mapping[str, Sequence[Any]],
    target: str,
    time: str,
    horizon: int,
    season: int,
    group: tuple[str, ...] = (),
) -> Ground:
    """Everything that a backtest stands on."""
    table = read(dict(columns))
    task = state(table, target, Said(task="forecast", time=(time,), group=group, horizon=horizon))
    table = with_roles(table, task)
    y = encode(task, table)
    samples = make_samples(table, task)
    series = make_series(table, y, task, samples)
    plan = plan_origins(samples, y, task, Seed(0), horizon=horizon, least=season + 24)
    assert samples.time is not None
    starts = tuple(int(samples.time[f.valid].min()) for f in plan.folds)
    cut = int(samples.time[plan.sealed].min())
    return Ground(task, series, starts, cut, horizon, season)
