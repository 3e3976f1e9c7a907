"""What a fit will cost (contract 9): the card's price, calibrated by what fits here really took.

Prices are CPU seconds, turned into wall seconds by the ratio measured over the last seconds.
With ``--work`` every fit costs one, and prices only rank (joints 18).
"""

from __future__ import annotations

import statistics
from collections import defaultdict, deque
from dataclasses import dataclass, field

from heldout.core.clock import now
from heldout.core.space import Settings
from heldout.models.card import Cost, ModelCard, Size
from heldout.models.per_target import price
from heldout.tasks.task import Task

RECENT = 5.0  # seconds that the ratio of wall to CPU looks back
UNKNOWN, KNOWN, OWN = 3.0, 1.8, 1.35  # 90 % price over the middle one
LEAST_PREDICTING = 0.15  # of a fit's time
PRIOR = 1.0  # seconds at a ratio of 1: very short fits tell little
ENOUGH = 8  # fits of a learner, before its spread is believed


@dataclass
class Prices:
    """``rows`` of a training part; ``features`` by view, guessed until a fit tells."""

    rows: int
    features: dict[str, int]
    outputs: int
    task: Task | None = None
    _ratios: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    _own: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    _recent: deque[tuple[float, float, float]] = field(default_factory=lambda: deque(maxlen=20))
    _prepare: dict[str, float] = field(default_factory=dict)
    _predict: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def cost(self, card: ModelCard, settings: Settings) -> Cost:
        """The card's own price, before calibration."""
        size = Size(self.rows, self.features[card.view], self.outputs)
        return (
            card.cost(size, settings)
            if self.task is None
            else price(card, size, settings, self.task)
        )

    def observe(
        self,
        index: int,
        card: ModelCard,
        settings: Settings,
        *,
        cpu: float,
        wall: float,
        prepare: float,
        predict: float = 0.0,
    ) -> None:
        """Learn from a fit that has finished; ``index`` is the candidate's number."""
        self._ratios[card.name].append(cpu / max(self.cost(card, settings).seconds, 1e-6))
        self._own[index].append(cpu)
        self._recent.append((now(), wall, cpu))
        self._predict[card.name] = max(self._predict[card.name], predict / max(wall, 1e-6))
        if prepare > 0.002:
            self._prepare[card.view] = prepare

    def fitting_share(self, card: ModelCard) -> float:
        """The part of its time that a fit may fit; the rest is for predicting and writing, by
        what it took the fits of this learner, and half as much again."""
        return 1.0 - min(0.5, max(LEAST_PREDICTING, 1.5 * self._predict[card.name]))

    @property
    def wall_to_cpu(self) -> float:
        """Wall seconds for a CPU second, lately; between 1 and 20."""
        since = now() - RECENT
        recent = [e for e in self._recent if e[0] >= since] or list(self._recent)[-2:]
        cpu = sum(c for _, _, c in recent)
        wall = sum(w for _, w, _ in recent)
        return min(20.0, max(1.0, (wall + PRIOR) / (cpu + PRIOR)))

    def wall(
        self, index: int, card: ModelCard, settings: Settings, *, prepared: bool = False
    ) -> tuple[float, float]:
        """(middle, 90 %) price of one more fit of a candidate, in wall seconds."""
        cpu, spread = self._cpu(index, card, settings)
        prepare = 0.0 if prepared else self._prepare.get(card.view, 0.0)
        middle = cpu * self.wall_to_cpu + prepare
        return middle, cpu * self.wall_to_cpu * spread + prepare

    def _cpu(self, index: int, card: ModelCard, settings: Settings) -> tuple[float, float]:
        own = self._own.get(index)
        if own:
            return statistics.fmean(own), OWN
        listed = self.cost(card, settings).seconds
        ratios = self._ratios.get(card.name)
        if ratios:
            middle = statistics.median(ratios)
            spread = max(ratios) / middle if len(ratios) >= ENOUGH else UNKNOWN
            return listed * middle, max(KNOWN, spread)
        return listed, UNKNOWN
