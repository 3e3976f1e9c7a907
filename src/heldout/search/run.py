"""The search: whom to fit next, on the clock or by a number of fits (contracts 7 to 9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from heldout.models.card import MODELS
from heldout.primitives.views import make_spec
from heldout.search.apart import told_apart
from heldout.search.data import TrainingData
from heldout.search.draws import Draws
from heldout.search.final import final_settings
from heldout.search.fits import Finished, Store
from heldout.search.gain import FirstFold
from heldout.search.limits import STRETCH, limits_of
from heldout.search.meter import FitsMeter, Meter, SecondsMeter
from heldout.search.orders import Orders, threads_for
from heldout.search.pool import Reply
from heldout.search.price import Prices
from heldout.search.race import Race, Runner
from heldout.search.remedies import Remedies
from heldout.search.result import CandidateResult, Event, SearchInput, SearchResult
from heldout.search.tally import chosen, predicted, tallied, usable

REFIT = 1.2  # times the growth in rows and rounds: a final fit also predicts the probe
LEADERS = 3  # candidates whose refit is reckoned with
WAVE = 2  # fits between two decisions where fits are counted, whatever the pool's size
TICK = 0.2  # seconds between two looks at the clock


def search(given: SearchInput) -> SearchResult:
    """Race the candidates, choose among those with all folds, and return everything.

    Uses repeat 0 of the plan only. Ends by the deadline, after ``work`` fits, when no further
    fit is worth it, or when ``pool.stopping`` is set.
    """
    running = _Search.prepare(given)
    ended = running.loop()
    return running.result(ended)


@dataclass
class _Search:
    given: SearchInput
    data: TrainingData
    orders: Orders
    store: Store
    meter: Meter
    race: Race
    draws: Draws
    tickets: dict[int, tuple[int, Runner, int, str]] = field(default_factory=dict)
    hits: dict[int, tuple[Runner, int, Finished]] = field(default_factory=dict)
    sequence: int = 0
    results: dict[int, CandidateResult] = field(default_factory=dict)  # the complete ones
    remedies: Remedies | None = None
    fits: int = 0
    peak_memory: int = 0

    @classmethod
    def prepare(cls, given: SearchInput) -> _Search:
        """Write the data, hand it to the workers, line up the candidates."""
        specs = given.specs or {
            view: make_spec(view, given.schema, given.task)
            for view in dict.fromkeys(MODELS.get(c.card).view for c in given.candidates)
        }
        data = TrainingData.write(
            given.folder / "work" / "data",
            given.columns,
            given.schema,
            given.task,
            given.y,
            given.plan,
            specs,
            seed=given.seed.child("search"),
            weights=given.weights,
            unit=given.unit,
            may_miss=given.may_miss,
        )
        given.pool.put(given.folder)
        first = given.plan.folds[0]
        rows = len(first.training)
        features = {view: max(1, len(spec.columns)) for view, spec in specs.items()}
        prices = Prices(rows, dict(features), given.task.outputs, given.task)
        meter: Meter = (
            FitsMeter(prices, given.work)
            if given.work is not None
            else SecondsMeter(prices, given.deadline, given.pool.workers)
        )
        threads = threads_for(
            rows, max(features.values()), given.pool.workers, fixed=given.work is not None
        )
        weights = None if given.weights is None else given.weights[first.valid]
        fold = FirstFold(given.task, given.y[first.valid], weights)
        race = Race.make(given.candidates, len(given.plan.folds), meter, fold)
        store = Store(given.folder / "fits")
        store.sweep()
        orders = Orders(data, given.fingerprint, given.seed.child("search"), threads)
        made = cls(given, data, orders, store, meter, race, Draws(given))
        made._check_memory(race.runners)
        if given.draws:
            made.remedies = Remedies(race, given.held, given.on_event)
        if given.work is None:
            made._take_from_store()
        return made

    def loop(self) -> str:
        """Until there is nothing left to do, or nothing left to do it with; says which."""
        pool = self.given.pool
        while not pool.stopping:
            self._hand_out()
            if not self.tickets and not self.hits:
                out_of = "work" if self.meter.counts_fits else "budget"
                done = all(r.complete or r.out for r in self.race.runners)
                return "finished" if done else out_of
            if self.meter.counts_fits:
                self._wave()
                continue
            for reply in pool.wait(TICK):
                self._record(reply)
        self._cancel()
        return "interrupted"

    def _hand_out(self) -> None:
        """Give the idle workers something to do; what the store holds costs nothing."""
        while self._free():
            chosen_fit = self.race.next()
            self._tell_dropped()
            if chosen_fit is None and self._draw():
                chosen_fit = self.race.next()
            if chosen_fit is None:
                return
            runner, fold = chosen_fit
            middle, high = self.race.price(runner, fold)
            key = self.orders.key(runner.candidate, fold)
            found = self.store.get(key)
            share = self.race.share(runner)
            limits = limits_of(self.race, runner, high, share)
            runner.running.add(fold)
            self.sequence += 1
            if found is not None:
                self.meter.begin(-self.sequence, 0.0)
                self.hits[self.sequence] = runner, fold, found
                if not self.meter.counts_fits:
                    self._take_hits()
                continue
            message = {
                **self.orders.fit(runner.candidate, fold),
                "seconds": limits.seconds,
                "end": limits.end,
            }
            ticket = self.given.pool.submit(message, limits.until)
            if share is not None and share < STRETCH * middle:
                middle = share
            self.meter.begin(ticket, middle)
            self.tickets[ticket] = self.sequence, runner, fold, key
            self._tell("started", runner, numbers={"fold": fold, "price": round(middle, 3)})

    def _tell_dropped(self) -> None:
        while self.race.dropped:
            runner = self.race.dropped.pop(0)
            self._tell("dropped", runner, runner.out)
            if runner.drawn:
                self.draws.without_gain += 1

    def _draw(self) -> bool:
        """Once everyone is complete or out, let another one join; whether one did."""
        runners = self.race.runners
        if any(r.waiting for r in runners if not r.out):
            return False
        candidate = self.draws.next(self.results, len(runners))
        if candidate is None:
            return False
        runner = self.race.join(candidate)
        self._check_memory([runner])
        return True

    def _free(self) -> bool:
        if not self.meter.left() > 0:
            return False
        if self.meter.counts_fits:
            return len(self.tickets) + len(self.hits) < WAVE
        return self.given.pool.idle > 0

    def _take_hits(self) -> None:
        for sequence in sorted(self.hits):
            runner, fold, found = self.hits.pop(sequence)
            runner.running.discard(fold)
            self._finish(runner, fold, found, fresh=False)

    def _wave(self) -> None:
        """Wait for the whole wave, then take in the order of submission (joints 18)."""
        replies: list[Reply] = []
        while len(replies) < len(self.tickets) and not self.given.pool.stopping:
            replies += self.given.pool.wait(TICK)
        if self.given.pool.stopping:
            return
        by_sequence = {self.tickets[r.ticket][0]: r for r in replies if r.ticket in self.tickets}
        for sequence in sorted({*by_sequence, *self.hits}):
            if sequence in by_sequence:
                self._record(by_sequence[sequence])
            else:
                runner, fold, found = self.hits.pop(sequence)
                runner.running.discard(fold)
                self._finish(runner, fold, found, fresh=False)

    def _record(self, reply: Reply) -> None:
        entry = self.tickets.pop(reply.ticket, None)
        if entry is None:
            return
        _, runner, fold, key = entry
        runner.running.discard(fold)
        self.meter.end(reply.ticket)
        if not reply.ok:
            self._failed(runner, fold, reply)
            return
        meta = reply.value
        suffix = "-stopped" if meta["stopped"] else ""
        found = self.store.get(key + suffix)
        self._observe(runner, fold, meta)
        if found is None:
            runner.out = "its result could not be read back"
            self._tell("failed", runner, runner.out, {"fold": fold})
        else:
            self._finish(runner, fold, found, fresh=True)

    def _failed(self, runner: Runner, fold: int, reply: Reply) -> None:
        """A worker that died is given the same fit once more; all else ends the candidate."""
        if reply.end == "cancelled":
            return
        if reply.end == "died" and runner.deaths == 0:
            runner.deaths += 1
            return
        if runner.out:
            return
        runner.out = f"{reply.end}: {reply.words}" if reply.end != "error" else reply.words
        numbers = {"fold": fold, "end": reply.end, "trace": reply.trace[-2000:]}
        self._tell("failed", runner, runner.out, numbers)

    def _observe(self, runner: Runner, fold: int, meta: Mapping[str, Any]) -> None:
        """Learn prices from a fit."""
        prices, card = self.meter.prices, runner.card
        self.peak_memory = max(self.peak_memory, int(meta["peak_memory"]))
        spent = float(meta["cpu_seconds"]) + float(meta["prepare_seconds"])
        runner.cpu_seconds += spent
        self.race.prepared.add((card.view, fold))
        if self.meter.counts_fits:
            used = 1.0
        else:
            prices.features[card.view] = int(meta["features"])
            prices.observe(
                runner.index,
                card,
                runner.candidate.settings,
                cpu=float(meta["cpu_seconds"]),
                wall=float(meta["wall_seconds"]),
                prepare=float(meta["prepare_seconds"]),
                predict=float(meta["predict_seconds"]),
            )
            used = float(meta["wall_seconds"]) + float(meta["prepare_seconds"])
            if isinstance(self.meter, SecondsMeter) and runner.begun and runner in self._leading():
                growth = len(self.given.plan.open) / len(self.given.plan.folds[fold].train)
                wall = REFIT * growth**2 * float(meta["wall_seconds"])
                self.meter.refit = min(max(self.meter.refit, wall), self.meter.total / 8)
        self.race.spent[card.family] = self.race.spent.get(card.family, 0.0) + used

    def _leading(self) -> list[Runner]:
        """The best on the first fold, and whoever is about as good."""
        fits = [r for r in self.race.runners if r.first is not None]
        if not fits:
            return []
        values = self.race.first_fold.values([r.fits[0].prediction for r in fits])
        order = sorted(range(len(fits)), key=lambda i: -values[i])
        return [fits[i] for i in order[:LEADERS]]

    def _finish(self, runner: Runner, fold: int, found: Finished, *, fresh: bool) -> None:
        runner.fits[fold] = found
        self.fits += 1
        if not fresh:
            runner.cpu_seconds += found.cpu_seconds
        numbers: dict[str, Any] = {
            "fold": fold,
            "folds": len(runner.fits),
            "of": runner.folds,
            "rounds": found.rounds,
            "stopped": found.stopped,
            "from_store": not fresh,
        }
        if runner.complete:
            made = self.results[runner.index] = tallied(self.given, runner)
            if made.score is not None:
                numbers |= made.score.as_dict()
        self._tell("finished", runner, "", numbers, found.cpu_seconds if fresh else 0.0)
        if fold == 0 and self.remedies is not None:
            self.remedies.after(runner)
        if runner.complete:
            every = [r.prediction for r in self.results.values()]
            self.draws.saw(self.results, predicted(self.given, *every), runner.drawn)
            self._progress()

    def _tell(
        self,
        kind: str,
        runner: Runner,
        reason: str = "",
        numbers: Mapping[str, Any] | None = None,
        cost: float | None = None,
    ) -> None:
        self.given.on_event(Event(kind, runner.candidate.name, reason, dict(numbers or {}), cost))

    def _progress(self) -> None:
        """The best complete candidate so far."""
        scores = [(m, m.score) for m in self.results.values() if m.score is not None]
        if not scores:
            return
        sign = 1.0 if self.given.task.greater_is_better else -1.0
        best, value = max(scores, key=lambda s: sign * s[1].value)
        numbers: dict[str, Any] = {**value.as_dict(), "done": self.fits}
        numbers |= {"planned": self.given.work, "settings": final_settings(best)}
        self.given.on_event(Event("progress", best.name, "", numbers))

    def _cancel(self) -> None:
        self.given.pool.cancel_all()
        self.given.pool.wait(0.0)
        self.tickets.clear()
        self.hits.clear()

    def _take_from_store(self) -> None:
        """Whatever an earlier process finished costs nothing."""
        for runner in self.race.runners:
            for fold in range(runner.folds):
                found = self.store.get(self.orders.key(runner.candidate, fold))
                if found is not None:
                    self._finish(runner, fold, found, fresh=False)

    def _check_memory(self, runners: list[Runner]) -> None:
        limit = self.given.memory_limit
        if limit is None:
            return
        share = limit / self.given.pool.workers
        for runner in runners:
            need = self.meter.prices.cost(runner.card, runner.candidate.settings).memory
            if need > share:
                runner.out = f"would need {need / 2**20:,.0f} MB, {share / 2**20:,.0f} MB are there"
                self._tell("skipped", runner, runner.out, {"memory": need, "limit": share})

    def result(self, ended: str) -> SearchResult:
        """Everything that has a prediction, and who was chosen."""
        given = self.given
        results = [
            self.results.get(r.index) or tallied(given, r) for r in self.race.runners if r.fits
        ]
        for runner in self.race.runners:
            if not runner.out and not runner.complete and ended != "interrupted":
                self._tell("skipped", runner, self.race.left_out(runner))
        if self.remedies is not None:
            self.remedies.close(self.race.left_out)
        among = usable(given, results)
        rows = predicted(given, *(r.prediction for r in among))
        complete = [r for r in results if r.complete]
        return SearchResult(
            self.data,
            self.orders,
            tuple(results),
            among,
            rows,
            chosen(given, among, rows),
            ended,
            self.fits,
            sum(r.cpu_seconds for r in self.race.runners),
            self.peak_memory,
            told_apart(given, results, predicted(given, *(r.prediction for r in complete))),
            () if among and among[0].complete else tuple(complete),
        )
