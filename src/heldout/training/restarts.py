"""Training again from other random weights: how much of a score is the luck of the start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from heldout.core.arrays import Array
from heldout.core.seed import Seed
from heldout.training.data import Data
from heldout.training.member import EarlyStopping, Member, Regime, Trained
from heldout.training.population import Build, Population


@dataclass(frozen=True)
class Restarts:
    """``values`` are what each start reached of ``watch`` on the validation rows; ``best`` the
    number of the start that did best there. Its value is flattered by having been chosen: the
    mean is what another start may be expected to reach."""

    runs: tuple[Trained, ...]
    watch: str
    values: tuple[float, ...]
    best: int

    @property
    def mean(self) -> float:
        """Over the starts."""
        return float(np.mean(self.values))

    @property
    def spread(self) -> float:
        """Standard deviation over the starts (ddof 0)."""
        return float(np.std(self.values))

    def text(self) -> str:
        """In words."""
        ends = f"{min(self.values):.4g} to {max(self.values):.4g}"
        return (
            f"{self.watch} over {len(self.runs)} starts: {ends}, mean {self.mean:.4g}, "
            f"standard deviation {self.spread:.2g}; start {self.best} did best, chosen by it"
        )


def restarts(
    build: Build | Any,
    data: Data | tuple[Any, ...],
    validation: Array,
    *,
    count: int = 5,
    watch: str = "val_loss",
    rises: bool = False,
    seed: Seed | int = 0,
    **regime: Any,
) -> Restarts:
    """Train ``count`` members that differ in their initial weights (and in the order of rows) only,
    with early stopping on the rows ``validation``; ``regime`` are fields of ``Regime``."""
    own = data if isinstance(data, Data) else Data.of(*data)
    root = seed if isinstance(seed, Seed) else Seed(seed)
    rows = np.setdiff1d(np.arange(len(own)), validation)
    members = [Member(str(i), rows, validation, root.child("start", i)) for i in range(count)]
    regime.setdefault("stopping", EarlyStopping(watch, rises=rises))
    runs = Population(build, own, members, Regime(**{"epochs": 10, **regime})).run()
    values = [_reached(run, watch) for run in runs]
    best = int(np.argmax(values) if rises else np.argmin(values))
    return Restarts(tuple(runs), watch, tuple(values), best)


def _reached(run: Trained, watch: str) -> float:
    curve: Sequence[float] = run.curve(watch)
    return curve[run.best - 1] if 0 < run.best <= len(curve) else float("nan")
