"""Settings drawn from the declared spaces once the portfolio has run (TUNE-01, TUNE-06).

Two of three draws vary the best learner, each second of them near its best settings; the third
varies the runner-up. Drawing ends when several in a row did not help the ensemble, and sooner on
few rows, which many candidates would only overfit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from heldout.core.arrays import Ints
from heldout.core.space import Choice, Real, Settings, Space, Whole
from heldout.models.card import MODELS
from heldout.models.portfolio import Candidate
from heldout.search.choose import cap, greedy
from heldout.search.values import Judge

if TYPE_CHECKING:
    from heldout.search.result import CandidateResult, SearchInput

MOST = 40  # candidates, those of the portfolio included
PATIENCE = 5  # draws in a row that did not help
LEAST_GAIN = 0.02  # of the score's standard error
MOST_ROWS = 4_000  # to judge the ensemble on
NEAR = 0.15  # of a setting's range
KEPT = ("patience", "objective")  # how a learner trains, not which model it is
USUAL = ("optimizer", "batch", "initializer")  # likewise, at their defaults where nothing was said


@dataclass
class Draws:
    """``most`` candidates in all; ``best`` is the ensemble's value so far."""

    given: SearchInput
    number: int = 0
    without_gain: int = 0
    best: float = -math.inf

    @property
    def most(self) -> int:
        """Candidates that the rows bear."""
        rows = len(self.given.plan.open)
        return 0 if not self.given.draws else min(MOST, cap(rows))

    def next(self, complete: Mapping[int, CandidateResult], running: int) -> Candidate | None:
        """Another candidate; None where more is unlikely to help. ``running`` counts all
        candidates so far."""
        varied = [
            r
            for r in complete.values()
            if set(r.model.space) - set(self.given.held.get(r.card, {})) and r.score is not None
        ]
        if running >= self.most or self.without_gain >= PATIENCE or not varied:
            return None
        sign = 1.0 if self.given.task.greater_is_better else -1.0
        varied.sort(key=lambda r: (-sign * r.score.value if r.score else 0.0, r.name))
        cards = list(dict.fromkeys(r.card for r in varied))
        card = cards[1] if self.number % 3 == 2 and len(cards) > 1 else cards[0]
        base = next(r for r in varied if r.card == card)
        near = base.settings if self.number % 2 == 0 else None
        rng = self.given.seed.child("draw", self.number).rng()
        self.number += 1
        settings = drawn(MODELS.get(card).space, rng, near)
        settings |= {k: base.settings[k] for k in KEPT if k in base.settings}
        space = MODELS.get(card).space
        settings |= {k: base.settings.get(k, space[k].default) for k in USUAL if k in space}
        settings |= self.given.held.get(card, {})
        return Candidate(f"{card}_draw_{self.number}", card, settings)

    def saw(self, complete: Mapping[int, CandidateResult], rows: Ints, is_drawn: bool) -> None:
        """A candidate is complete: remember whether the ensemble became better by it."""
        among = list(complete.values())
        if not len(rows):
            return
        rows = rows[:: max(1, math.ceil(len(rows) / MOST_ROWS))]
        weights = None if self.given.weights is None else self.given.weights[rows]
        judge = Judge(self.given.task, self.given.task.metric, self.given.y[rows], weights)
        stack = np.stack([r.prediction[rows] for r in among])
        shares, _ = greedy(stack, judge, rounds=15)
        value = float(judge.values(np.tensordot(shares, stack, axes=1)[None])[0])
        if value > self.best + LEAST_GAIN * _error(among):
            self.without_gain = 0
        elif is_drawn:
            self.without_gain += 1
        self.best = max(self.best, value)


def drawn(space: Space, rng: np.random.Generator, near: Settings | None = None) -> dict[str, Any]:
    """One value of each setting; close to those in ``near``, where it is given.

    >>> space = {"rate": Real(0.01, 1.0, 0.1, log=True), "kind": Choice(("a", "b"), "a")}
    >>> found = drawn(space, np.random.default_rng(0), {"rate": 0.1, "kind": "b"})
    >>> 0.02 < found["rate"] < 0.5
    True
    """
    if near is None:
        return {name: part.draw(rng) for name, part in space.items()}
    return {name: _moved(part, near.get(name, part.default), rng) for name, part in space.items()}


def _moved(part: Real | Whole | Choice, value: Any, rng: np.random.Generator) -> Any:
    if isinstance(part, Choice):
        return value if rng.random() < 0.8 else part.draw(rng)
    low, high = (math.log(part.low), math.log(part.high)) if part.log else (part.low, part.high)
    here = min(max(float(value), part.low), part.high)
    here = math.log(here) if part.log else here
    there = min(max(here + NEAR * (high - low) * rng.normal(), low), high)
    found = math.exp(there) if part.log else there
    return round(found) if isinstance(part, Whole) else float(found)


def _error(among: Sequence[CandidateResult]) -> float:
    errors = [r.score.standard_error for r in among if r.score and r.score.standard_error]
    return min(errors, default=0.0)
