"""What is decided between two epochs: stop, keep the best, lower the learning rate."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from heldout.training.member import EarlyStopping, Plateau, Regime


@dataclass
class Watch:
    """The best value of a measure so far, and how long ago it was."""

    watch: str
    rises: bool
    least: float
    best: float = math.inf
    since: int = 0

    def improved(self, logs: Mapping[str, float]) -> bool:
        """Take in an epoch. A measure that is not finite never improves.

        >>> watch = Watch("loss", False, 0.0)
        >>> [watch.improved({"loss": v}) for v in (2.0, 1.0, 1.0)], watch.since
        ([True, True, False], 1)
        """
        if self.watch not in logs:
            raise ValueError(f"no measure {self.watch!r} to watch; there are {sorted(logs)}")
        value = -logs[self.watch] if self.rises else logs[self.watch]
        if value < self.best - self.least:
            self.best, self.since = value, 0
            return True
        self.since += 1
        return False


@dataclass
class Rules:
    """The rules of a regime for one member; ``rate`` multiplies its learning rate."""

    stopping: EarlyStopping | None
    plateau: Plateau | None
    stop_watch: Watch | None
    rate_watch: Watch | None
    rate: float = 1.0
    best: int = 0

    @classmethod
    def of(cls, regime: Regime) -> Rules:
        """Fresh rules."""
        s, p = regime.stopping, regime.plateau
        return cls(
            s,
            p,
            None if s is None else Watch(s.watch, s.rises, s.least),
            None if p is None else Watch(p.watch, p.rises, 0.0),
        )

    def after(self, epoch: int, logs: Mapping[str, float]) -> tuple[bool, bool]:
        """(whether this is the best state so far, whether patience is spent)."""
        p, watch = self.plateau, self.rate_watch
        if p and watch and not watch.improved(logs) and watch.since >= p.patience:
            self.rate = max(self.rate * p.factor, p.lowest)
            watch.since = 0
        if self.stopping is None or self.stop_watch is None:
            self.best = epoch
            return False, False
        better = self.stop_watch.improved(logs)
        if better or not self.best:
            self.best = epoch
        return better, self.stop_watch.since >= self.stopping.patience

    def arrays(self) -> dict[str, Any]:
        """For a checkpoint: plain numbers."""
        made: dict[str, Any] = {"rate": self.rate, "best": self.best}
        for name in ("stop_watch", "rate_watch"):
            watch = getattr(self, name)
            if watch is not None:
                made[name] = [repr(watch.best), watch.since]
        return made

    def restore(self, kept: Mapping[str, Any]) -> None:
        """The inverse of ``arrays``."""
        self.rate, self.best = float(kept["rate"]), int(kept["best"])
        for name in ("stop_watch", "rate_watch"):
            watch = getattr(self, name)
            if watch is not None and name in kept:
                watch.best, watch.since = float(kept[name][0]), int(kept[name][1])
