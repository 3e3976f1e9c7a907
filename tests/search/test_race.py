"""Whom the race runs next, told without workers: fits are put in by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from heldout.core.clock import Deadline
from heldout.models.portfolio import Candidate
from heldout.search.fits import Finished
from heldout.search.gain import FirstFold
from heldout.search.meter import FitsMeter, Meter, SecondsMeter
from heldout.search.price import Prices
from heldout.search.race import Race, Runner
from heldout.tasks.task import Task

TASK = Task("regression", "t", "mae", False)
Y = np.random.default_rng(0).normal(0, 2, 400)
RIDGE = Candidate("ridge", "ridge")
TREE = Candidate("tree", "decision_tree")


def boosted(name: str, **settings: object) -> Candidate:
    return Candidate(name, "lightgbm", {"learning_rate": 0.1, **settings})


def prices(rows: int = 1_000) -> Prices:
    return Prices(rows, {"linear": 10, "trees": 10}, 1)


def racing(candidates: Sequence[Candidate], folds: int, meter: Meter) -> Race:
    return Race.make(candidates, folds, meter, FirstFold(TASK, Y, None))


def finish(race: Race, runner: Runner, fold: int, error: float, seed: int | None = None) -> None:
    noise = np.random.default_rng(runner.index if seed is None else seed).normal(0, error, len(Y))
    meta = {"rounds": 5, "stopped": False, "cpu_seconds": 0.1}
    runner.fits[fold] = Finished("k", (Y + noise)[:, None], meta, Path())
    runner.running.discard(fold)
    race.meter.begin(fold + 100 * runner.index, 1.0)


def played(race: Race, errors: dict[str, float], most: int = 100) -> list[tuple[str, int]]:
    """Run the race one fit at a time and write down who came when."""
    told = []
    for _ in range(most):
        found = race.next()
        if found is None:
            break
        runner, fold = found
        told.append((runner.candidate.name, fold))
        finish(race, runner, fold, errors[runner.candidate.name])
    return told


def test_the_first_gets_all_folds_then_everyone_the_first_fold() -> None:
    race = racing([RIDGE, boosted("a"), boosted("b"), TREE], 3, FitsMeter(prices(), 100))
    order = played(race, {"ridge": 1.0, "a": 1.1, "b": 1.2, "tree": 1.3})
    assert order[:6] == [
        ("ridge", 0), ("ridge", 1), ("ridge", 2), ("a", 0), ("b", 0), ("tree", 0),
    ]  # fmt: skip
    assert len(order) == 12


def test_a_clear_leader_is_completed_before_others_run() -> None:
    race = racing([RIDGE, boosted("a"), boosted("b")], 3, FitsMeter(prices(), 100))
    order = played(race, {"ridge": 3.0, "a": 0.5, "b": 0.6})
    assert order[3:6] == [("a", 0), ("a", 1), ("a", 2)]


@pytest.mark.parametrize(("work", "comes"), [(30, "ridge"), (18, "a")])
def test_what_has_begun_leaves_the_leader_what_it_needs(work: int, comes: str) -> None:
    """Five more fits of a leader that costs more than half of what is left come before four of a
    poorer one that has begun, unless there is room for both."""
    race = racing([TREE, RIDGE, boosted("a", leaves=400)], 6, FitsMeter(prices(), work))
    tree, ridge, leader = race.runners
    for fold in range(6):
        finish(race, tree, fold, 3.0)
    for fold in (0, 1):
        finish(race, ridge, fold, 2.0)
    finish(race, leader, 0, 0.5)
    if work == 30:  # with plenty left a clear leader goes first
        for fold in range(1, 6):
            finish(race, leader, fold, 0.5)
    found = race.next()
    assert found is not None and found[0].candidate.name == comes


def test_the_next_one_is_begun_by_gain_of_the_ensemble_for_its_cost() -> None:
    """Two of equal price: the one whose errors differ helps more than a copy of the leader."""
    race = racing([RIDGE, boosted("copy"), boosted("other")], 2, FitsMeter(prices(), 100))
    ridge, copy, other = race.runners
    for fold in (0, 1):
        finish(race, ridge, fold, 1.0, seed=9)
    finish(race, copy, 0, 1.0, seed=9)
    finish(race, other, 0, 1.0, seed=10)
    assert race.next() == (other, 1)


def test_what_is_worse_and_wrong_in_the_same_places_is_dropped() -> None:
    race = racing([RIDGE, boosted("a")], 2, FitsMeter(prices(), 100))
    ridge, poor = race.runners
    for fold in (0, 1):
        finish(race, ridge, fold, 1.0, seed=9)
    base = np.random.default_rng(9).normal(0, 1.0, len(Y))
    meta = {"rounds": 5, "stopped": False, "cpu_seconds": 0.1}
    poor.fits[0] = Finished("k", (Y + 1.2 * base)[:, None], meta, Path())
    assert race.next() is None
    assert poor.out.startswith("worse than the ensemble")
    assert race.dropped == [poor]


@pytest.mark.parametrize("work", [3, 4, 5, 7, 11])
def test_nothing_is_begun_that_cannot_be_completed(work: int) -> None:
    race = racing([RIDGE, boosted("a"), boosted("b")], 3, FitsMeter(prices(), work))
    order = played(race, {"ridge": 1.0, "a": 0.9, "b": 0.8})
    assert len(order) <= work
    complete = [r.candidate.name for r in race.runners if r.complete]
    assert complete[0] == "ridge"
    assert len(complete) == (1 if work < 6 else 2 if work < 9 else 3)


def test_too_dear_a_fit_is_not_started_and_words_say_why() -> None:
    dear = prices(2_000_000)
    race = racing([boosted("a"), RIDGE], 5, SecondsMeter(dear, Deadline.after(3.0), 2))
    found = race.next()
    assert found is None or found[0].candidate.name == "ridge"
    assert "would cost" in race.left_out(race.runners[0])


def test_a_busy_moment_does_not_end_the_search() -> None:
    known = prices(100_000)
    race = racing([TREE, boosted("a")], 2, SecondsMeter(known, Deadline.after(6.0), 2))
    for fold in (0, 1):
        finish(race, race.runners[0], fold, 1.0)
    race.meter.end(0), race.meter.end(1)
    known.observe(0, race.runners[0].card, {}, cpu=0.1, wall=40.0, prepare=0.0)
    assert known.wall_to_cpu > 15
    assert race.next() == (race.runners[1], 0)
    race.runners[1].running.add(0)
    assert race.next() is None, "one at a time, so that its true price is learned"


def test_no_family_holds_more_than_a_third_before_three_have_run() -> None:
    meter = FitsMeter(prices(), 30)
    race = racing([RIDGE, *(boosted(f"b{i}") for i in range(4)), TREE], 2, meter)
    for fold in (0, 1):
        finish(race, race.runners[0], fold, 1.0)
    race.spent["boosting"] = 10.0
    assert race.next() == (race.runners[5], 0)
    race.runners[5].fits[0] = race.runners[0].fits[0]
    finish(race, race.runners[1], 0, 1.2)
    assert race.next() == (race.runners[2], 0)


def test_prices_are_learned_from_what_fits_took() -> None:
    card = racing([RIDGE, TREE], 2, FitsMeter(prices(), 9)).runners[0].card
    known = prices()
    listed = known.cost(card, {}).seconds
    middle, high = known.wall(0, card, {})
    assert (middle, high) == pytest.approx((listed, 3 * listed))
    known.observe(0, card, {}, cpu=10 * listed, wall=10 * listed, prepare=0.0)
    assert known.wall(0, card, {})[0] == pytest.approx(10 * listed)  # its own
    assert known.wall(1, card, {})[0] == pytest.approx(10 * listed)  # another of its kind
    known.observe(0, card, {}, cpu=1.0, wall=8.0, prepare=0.0)
    assert known.wall_to_cpu > 3
