"""Which fit comes next.

The first candidate gets all its folds at once: a model that can be served exists early. Then
everyone runs on the first fold, in order; a leader that is clearly better than what is complete
is completed in between, while that costs at most half of what is left. Then a candidate that has
begun is completed, and the next one is begun by expected gain of the ensemble per second.
Nothing is begun that cannot be completed with what is left, and no trial eats into what the
leader needs.
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
TRIFLE = 0.03  # of the whole: so little may be spent before a price is known
CLEAR = 2.0  # paired standard errors by which a leader is clearly better
HALF = 0.5  # of what is left may go to completing a leader before others have run
LEAST_SHARE = 0.5  # of its price: a fit with less time is not worth it
IDLE = 0.2  # of the whole: so much time is not left unused for the sake of a price
SPARE = 1.25  # times the leader's price is kept for it


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
    drawn: bool = False  # settings varied, not one of the portfolio
    cures: Runner | None = None  # whose remedy it is
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
    """``spent`` by family in the meter's currency; ``prepared`` (view, fold) with a recipe;
    ``dropped`` those given up since someone last looked."""

    runners: list[Runner]
    meter: Meter
    first_fold: FirstFold
    spent: dict[str, float] = field(default_factory=dict)
    prepared: set[tuple[str, int]] = field(default_factory=set)
    dropped: list[Runner] = field(default_factory=list)
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
        leader = self.leader()
        if leader is not None and leader.waiting and self._goes_first(leader):
            return leader, leader.waiting[0]
        for begun in (True, False):  # complete what has begun, then begin another
            found = self._by_gain([r for r in racing if r.begun is begun and r.first is not None])
            if found is not None:
                return found, found.waiting[0]
            if begun:
                new = self._newcomer(racing) or self._newcomer(racing, content=True)
                if new is not None:
                    return new, 0
        rather = self._rather_than_nothing(racing)
        return None if rather is None else (rather, rather.waiting[0])

    def _rather_than_nothing(self, racing: list[Runner]) -> Runner | None:
        """One that can stop early, whatever its price, where the time would be lost otherwise:
        a moment in which the machine was busy makes every price too high until the next fit."""
        if self.meter.counts_fits or any(r.running for r in self.runners):
            return None
        if self.meter.capacity() < IDLE * self.meter.total:
            return None
        calm = self.meter.prices.wall_to_cpu
        able = [
            r for r in racing
            if r.waiting and (share := self.share(r)) is not None
            and share * calm >= LEAST_SHARE * self.price(r, r.waiting[0])[0]
        ]  # fmt: skip
        return min(able, key=lambda r: (not r.fits, self.completion(r)), default=None)

    def share(self, runner: Runner) -> float | None:
        """Seconds that each fold of a candidate may take, so that all of them can be had: with
        less than they would like, fits stop early, at the best round so far. None where fits are
        counted or cannot stop early."""
        if self.meter.counts_fits or not runner.card.early_stopping:
            return None
        return min(self.meter.left(), self.meter.capacity() / max(1, len(runner.waiting)))

    def join(self, candidate: Candidate) -> Runner:
        """Another candidate at the start."""
        folds = self.runners[0].folds
        card = MODELS.get(candidate.card)
        runner = Runner(len(self.runners), candidate, card, folds, drawn=True)
        self.runners.append(runner)
        return runner

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
        """All folds of the first candidate that costs little of the whole, else of the cheapest;
        until its price is known by its first fold, that one alone, unless it is very cheap."""
        if any(r.complete for r in self.runners):
            return None
        able = [r for r in racing if r.running or (r.waiting and self._affordable(r, content=True))]
        if not able:
            return None
        whole = {r.index: self.price(r, 0)[0] * r.folds for r in able}
        cheap = [r for r in able if whole[r.index] <= SHARE * self.meter.total]
        runner = cheap[0] if cheap else min(able, key=lambda r: whole[r.index])
        known = runner.first is not None or whole[runner.index] <= TRIFLE * self.meter.total
        if not runner.waiting or (runner.running and not known):
            return None
        return runner, runner.waiting[0]

    def _newcomer(self, racing: list[Runner], content: bool = False) -> Runner | None:
        """The next in order that has not run yet, fits in, and lets the leader finish."""
        crowd = {r.card.family for r in racing}
        seen = {r.card.family for r in self.runners if r.first is not None}
        open_field = len(crowd) < FAMILIES or len(seen) >= FAMILIES
        held_back = None
        for runner in sorted(racing, key=lambda r: r.cures is None):  # remedies first
            if runner.fits or runner.running or not self._affordable(runner, content):
                continue
            middle, _ = self.price(runner, 0)
            if middle + self.kept_for_leader(runner) > self.meter.capacity():
                continue
            spent = self.spent.get(runner.card.family, 0.0)
            if not open_field and spent + middle > SHARE * self.meter.total:
                held_back = held_back or runner
                continue
            return runner
        return held_back

    def _affordable(self, runner: Runner, content: bool = False) -> bool:
        """Whether its next fit ends in time at the 90 % price, and all its folds can follow.
        One that has begun and can stop early is content with half of its price."""
        middle, high = self.price(runner, runner.waiting[0])
        share = self.share(runner)
        if share is not None and (content or runner.begun):
            return share >= LEAST_SHARE * middle
        return high <= self.meter.left() and self.completion(runner) <= self.meter.capacity()

    def leader(self) -> Runner | None:
        """The best on the first fold, if it is not complete."""
        fits = [r for r in self.runners if r.first is not None and (r.complete or not r.out)]
        if not fits:
            return None
        values = self.first_fold.values([r.fits[0].prediction for r in fits])
        best = fits[int(np.argmax(values))]
        return None if best.complete else best

    def kept_for_leader(self, runner: Runner) -> float:
        """What ``runner`` may not eat into: the completion of another one that leads."""
        leader = self.leader()
        return 0.0 if leader is None or leader is runner else SPARE * self.completion(leader)

    def _leaves_enough(self, runner: Runner) -> bool:
        """Whether completing it leaves a leader that has not begun what it needs, where that is
        within reach at all."""
        leader = self.leader()
        if leader is None or leader is runner or leader.begun or not leader.waiting:
            return True
        if not self._affordable(leader, content=True):
            return True
        return self.completion(runner) + self.kept_for_leader(runner) <= self.meter.capacity()

    def _goes_first(self, leader: Runner) -> bool:
        """Whether the leader is completed before others have run."""
        if not self._affordable(leader):
            return False
        if self.completion(leader) > HALF * self.meter.capacity() and not leader.begun:
            return False
        complete = [r.fits[0].prediction for r in self.runners if r.complete]
        if not complete:
            return True
        best = complete[int(np.argmax(self.first_fold.values(complete)))]
        ahead = self.first_fold.gain(self.first_fold.blend([best]), leader.fits[0].prediction)
        return ahead.z > CLEAR

    def _by_gain(self, field_: list[Runner]) -> Runner | None:
        """The affordable one with the largest expected gain per cost."""
        able = [
            r
            for r in field_
            if r.waiting and self._affordable(r, content=True) and self._leaves_enough(r)
        ]
        if not able:
            return None
        ensemble = self._current()
        if ensemble is None:
            values = self.first_fold.values([r.fits[0].prediction for r in able])
            return able[int(np.argmax(values))]
        best, best_rate = None, -1.0
        for runner in able:
            gain = self._gain(runner, ensemble)
            if gain.is_hopeless(runner.drawn) and not runner.begun:
                self.dropped.append(runner)
                runner.out = (
                    f"worse than the ensemble by {-gain.z:.1f} standard errors, its"
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
