"""Which fit comes next (anchors: automl 6).

The first candidate gets all its folds at once: a model that can be served exists early. Then
everyone runs on the first fold, in order. Then a candidate that has begun is completed, and the
next one is begun by expected gain of the ensemble per second. Nothing is begun that cannot be
completed with what is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from heldout.core.arrays import Doubles
from heldout.models.card import MODELS, ModelCard
from heldout.search.fits import Finished
from heldout.search.gain import FirstFold, Gain
from heldout.search.meter import Meter

if TYPE_CHECKING:
    from heldout.models.portfolio import Candidate

FAMILIES = 3  # so many must have finished a fold before one may hold more than a third
SHARE = 1 / 3


@dataclass
class Runner:
    """One candidate in the race."""

    index: int
    candidate: Candidate
    card: ModelCard
    folds: int
    fits: dict[int, Finished] = field(default_factory=dict)
    running: set[int] = field(default_factory=set)
    out: str = ""  # why it is out of the race
    deaths: int = 0
    cpu_seconds: float = 0.0

    @property
    def complete(self) -> bool:
        """Whether every fold is there."""
        return len(self.fits) == self.folds

    @property
    def waiting(self) -> list[int]:
        """Folds that are neither finished nor being fitted."""
        return [f for f in range(self.folds) if f not in self.fits and f not in self.running]

    @property
    def begun(self) -> bool:
        """Whether it went beyond its first fold."""
        return len(self.fits) + len(self.running) > 1 or (self.folds == 1 and bool(self.fits))

    @property
    def first(self) -> Finished | None:
        """Its fit on the first fold."""
        return self.fits.get(0)


@dataclass
class Race:
    """``spent`` by family in the meter's currency; ``prepared`` (view, fold) with a recipe."""

    runners: list[Runner]
    meter: Meter
    first_fold: FirstFold
    spent: dict[str, float] = field(default_factory=dict)
    prepared: set[tuple[str, int]] = field(default_factory=set)
    _gains: dict[int, Gain] = field(default_factory=dict)
    _blended: tuple[int, ...] | None = None
    _ensemble: Doubles | None = None

    @classmethod
    def make(
        cls, candidates: Sequence[Candidate], folds: int, meter: Meter, first_fold: FirstFold
    ) -> Race:
        """Everyone at the start."""
        runners = [Runner(i, c, MODELS.get(c.card), folds) for i, c in enumerate(candidates)]
        return cls(runners, meter, first_fold)

    def next(self) -> tuple[Runner, int] | None:
        """The runner and fold to fit now; None where nothing fits into what is left."""
        racing = [r for r in self.runners if not r.out]
        first = self._opening(racing)
        if first is not None:
            return first
        for begun in (True, False):  # complete what has begun, then begin another
            found = self._by_gain([r for r in racing if r.begun is begun and r.first is not None])
            if found is not None:
                return found, found.waiting[0]
            if begun:
                new = self._newcomer(racing)
                if new is not None:
                    return new, 0
        return None

    def price(self, runner: Runner, fold: int) -> tuple[float, float]:
        """(middle, 90 %) price of one fit."""
        prepared = (runner.card.view, fold) in self.prepared
        return self.meter.price(runner.index, runner.card, runner.candidate.settings, prepared)

    def completion(self, runner: Runner) -> float:
        """What the folds that have not been started will cost together."""
        return sum(self.price(runner, fold)[0] for fold in runner.waiting)

    def left_out(self, runner: Runner) -> str:
        """Words on why a candidate never came to run."""
        need, have = self.completion(runner), self.meter.capacity()
        return f"its {len(runner.waiting)} fits would cost {need:.3g}, {have:.3g} are left"

    def _opening(self, racing: list[Runner]) -> tuple[Runner, int] | None:
        """All folds of the first candidate, where they cost little of the whole."""
        if any(r.complete for r in racing):
            return None
        for runner in racing:
            if runner.waiting and self._affordable(runner):
                cheap = self.completion(runner) <= SHARE * self.meter.total
                return (runner, runner.waiting[0]) if cheap else None
            if runner.running:
                return None
        return None

    def _newcomer(self, racing: list[Runner]) -> Runner | None:
        """The next in order that has not run yet, fits in, and lets the leader finish."""
        crowd = {r.card.family for r in racing}
        seen = {r.card.family for r in self.runners if r.first is not None}
        open_field = len(crowd) < FAMILIES or len(seen) >= FAMILIES
        held_back = None
        for runner in racing:
            if runner.fits or runner.running or not self._affordable(runner):
                continue
            middle, _ = self.price(runner, 0)
            if middle + self._needed_by_leader() > self.meter.capacity():
                continue
            spent = self.spent.get(runner.card.family, 0.0)
            if not open_field and spent + middle > SHARE * self.meter.total:
                held_back = held_back or runner
                continue
            return runner
        return held_back

    def _affordable(self, runner: Runner) -> bool:
        """Whether its next fit ends in time at the 90 % price, and all its folds can follow."""
        _, high = self.price(runner, runner.waiting[0])
        return high <= self.meter.left() and self.completion(runner) <= self.meter.capacity()

    def _needed_by_leader(self) -> float:
        """What completing the best incomplete candidate costs, if it beats the complete ones."""
        fits = [r for r in self.runners if r.first is not None and not r.out]
        if not fits:
            return 0.0
        values = self.first_fold.values([r.first.prediction for r in fits if r.first is not None])
        leader = fits[int(np.argmax(values))]
        return self.completion(leader)

    def _by_gain(self, field_: list[Runner]) -> Runner | None:
        """The affordable one with the largest expected gain per cost."""
        able = [r for r in field_ if r.waiting and self._affordable(r)]
        if not able:
            return None
        ensemble = self._current()
        if ensemble is None:
            values = self.first_fold.values([r.fits[0].prediction for r in able])
            return able[int(np.argmax(values))]
        best, best_rate = None, -1.0
        for runner in able:
            gain = self._gain(runner, ensemble)
            if gain.hopeless and not runner.begun:
                runner.out = (
                    f"dropped: worse than the ensemble by {-gain.z:.1f} standard errors, its"
                    f" errors correlate {gain.correlation:.3f}"
                )
                continue
            rate = gain.expected / self._cost(runner)
            if rate > best_rate:
                best, best_rate = runner, rate
        return best

    def _cost(self, runner: Runner) -> float:
        """To rank by: seconds, or the card's fixed price where fits are counted."""
        listed = self.meter.prices.cost(runner.card, runner.candidate.settings).seconds
        if self.meter.counts_fits:
            return max(listed, 1e-6) * len(runner.waiting)
        return max(self.completion(runner), 1e-6)

    def _current(self) -> Doubles | None:
        """The greedy ensemble on the first fold of everyone who is committed."""
        members = tuple(
            r.index for r in self.runners if r.first is not None and (r.begun or r.complete)
        )
        if not members:
            return None
        if members != self._blended:
            self._ensemble = self.first_fold.blend(
                [self.runners[i].fits[0].prediction for i in members]
            )
            self._blended, self._gains = members, {}
        return self._ensemble

    def _gain(self, runner: Runner, ensemble: Doubles) -> Gain:
        if runner.index not in self._gains:
            self._gains[runner.index] = self.first_fold.gain(ensemble, runner.fits[0].prediction)
        return self._gains[runner.index]
