"""How long one fit may take on the clock (contract 7)."""

from __future__ import annotations

from dataclasses import dataclass

from heldout.core.clock import now
from heldout.search.meter import SecondsMeter
from heldout.search.race import HALF, SHARE, Race, Runner

STRETCH = 2.0  # times its price, and a third of the budget: then a trial is stopped


@dataclass(frozen=True)
class Limits:
    """Seconds that a fit may take from when the worker begins it, the absolute moment by which
    it must have ended, and the one at which its worker is ended; None: as long as it takes."""

    seconds: float | None = None
    until: float | None = None
    end: float | None = None


def limits_of(race: Race, runner: Runner, high: float, share: float | None) -> Limits:
    """How long a fit may take, and when its worker is ended.

    The folds of a candidate share what is left. While there is no model, one candidate gets
    half of it at most; then a trial ends before it eats into what the leader needs, or takes
    much more than its price. A worker is ended at the deadline; before it only a trial that
    cannot stop by itself.
    """
    if not isinstance(race.meter, SecondsMeter):
        return Limits()
    start, end = now(), race.meter.soft.at
    longest = end - start if share is None else share
    until = end
    if not any(r.complete for r in race.runners):
        longest = min(longest, HALF * race.meter.capacity() / max(1, len(runner.waiting)))
    elif runner.first is None:
        kept = race.kept_for_leader(runner) / race.meter.workers
        third = SHARE * race.meter.total / race.meter.workers
        longest = min(longest, max(high, end - kept - start), max(STRETCH * high, third))
        if not runner.card.early_stopping:
            until = min(end, start + STRETCH * longest)
    return Limits(longest * race.meter.prices.fitting_share(runner.card), until, end)
