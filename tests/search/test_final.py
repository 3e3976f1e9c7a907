"""Refit on all open samples, further repeats, and the training side's own predictions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.models.portfolio import Candidate
from heldout.primitives import hostile
from heldout.search.choose import Choice
from heldout.search.correct import correct
from heldout.search.final import final_model, final_rounds, final_settings, more_repeats, refit
from heldout.search.pool import Pool
from heldout.search.result import SearchResult
from heldout.search.run import search
from small_searches import QUICK, Problem, make_problem


@pytest.fixture(scope="module")
def small() -> Problem:
    """300 rows: 10 folds in several repeats, no seal."""
    return make_problem(300, metric="log_loss")


@pytest.fixture(scope="module")
def found(small: Problem, pool: Pool, tmp_path_factory: pytest.TempPathFactory) -> SearchResult:
    folder = tmp_path_factory.mktemp("final")
    return search(small.given(folder, pool, candidates=QUICK[:2]))


@pytest.mark.requirement("EVAL-13")
def test_members_are_refitted_on_every_open_sample(
    small: Problem, found: SearchResult, pool: Pool
) -> None:
    probe = hostile.columns(small.schema, 40, Seed(0))
    made = refit(found, pool, probe=probe)
    assert [m.name for m in made.members] == [r.name for r, _ in found.members]
    assert sum(m.weight for m in made.members) == pytest.approx(1.0)
    for member, (result, _) in zip(made.members, found.members, strict=True):
        assert (member.failure, member.stopped) == ("", False)
        assert member.state
        assert member.probe.shape == (40, 2)
        assert np.isfinite(member.probe).all()
        view = result.model.view
        assert made.recipes[view].spec == found.data.specs[view]
    again = refit(found, pool, probe=probe)
    assert again.members[0].probe.tobytes() == made.members[0].probe.tobytes()


def test_rounds_grow_with_the_training_part(found: SearchResult) -> None:
    by_name = {r.name: r for r in found.results}
    assert final_rounds(by_name["logistic"], found) is None
    rounds = final_rounds(by_name["boosted"], found)
    median = np.median(by_name["boosted"].rounds)
    train = np.median([len(f.train) for f in found.data.folds[:10]])
    assert rounds == max(1, round(median * len(found.data.open) / train))


def test_a_strength_that_the_folds_chose_is_the_one_of_the_refit(found: SearchResult) -> None:
    """A fit on every row has no rows left to choose on: two seeds of one table were a hundredth of
    ROC AUC apart because the last fit chose by a part of its own."""
    by_name = {r.name: r for r in found.results}
    linear = by_name["logistic"]
    fits = [f for f in linear.fits if f is not None][:4]
    liked = zip(fits, (1e-5, 1e-3, 1e-2, 0.1), strict=True)
    told = tuple(replace(f, meta={**f.meta, "chosen": {"strength": s}}) for f, s in liked)
    assert final_settings(replace(linear, settings={}, fits=told)) == {"strength": 1e-2}
    assert final_settings(linear) == linear.settings == {"strength": 0.01}
    assert final_settings(by_name["boosted"]) == by_name["boosted"].settings


@pytest.mark.requirement("EVAL-06", "EVAL-04")
def test_further_repeats_are_fitted_for_the_chosen_ones_and_averaged(
    small: Problem, found: SearchResult, pool: Pool
) -> None:
    repeats = more_repeats(found, pool, deadline=Deadline.never())
    assert len(repeats) == len(small.plan.more) // len(small.plan.folds)
    for prediction in repeats:
        assert np.isfinite(prediction[found.scored]).all()
        assert not np.allclose(prediction[found.scored], found.blended[found.scored])
    corrected = correct(
        found.predictions, small.y, small.task, rows=found.scored, choice=found.choice,
        repeats=[found.blended, *repeats], resamples=30,
    )  # fmt: skip
    assert corrected.repeats == 1 + len(repeats)
    assert corrected.score.value >= corrected.naive
    assert more_repeats(found, pool, deadline=Deadline.after(0.0)) == []


def test_a_refit_that_the_clock_ends_far_too_early_fails_and_is_not_kept(
    small: Problem, pool: Pool, tmp_path: Path
) -> None:
    slow = Candidate("slow", "lightgbm", {"learning_rate": 0.005, "leaves": 4, "patience": 200})
    only = search(small.given(tmp_path, pool, candidates=[slow], work=10))
    late = refit(only, pool, deadline=Deadline.after(0.0))
    (member,) = late.members
    assert member.failure
    assert not member.state
    whole = refit(only, pool)
    assert (whole.members[0].failure, whole.members[0].stopped) == ("", False)
    assert whole.members[0].state


def test_what_the_clock_ended_in_the_folds_may_end_so_in_the_refit(
    small: Problem, pool: Pool, tmp_path: Path
) -> None:
    """A learner without rounds whose folds were cut short was judged so, and ships so; one that
    the folds let finish does not. Where the chosen ones failed, another complete one is there."""
    only = [Candidate("logistic", "logistic", {"strength": 0.01}), QUICK[2]]
    found = search(small.given(tmp_path, pool, candidates=only, work=20))
    chosen, tree = sorted(found.results, key=lambda r: r.name)
    assert (chosen.name, tree.name) == ("logistic", "tree")
    cut = [replace(f, meta={**f.meta, "stopped": True}) for f in chosen.fits if f is not None]
    alone = Choice(((0, 1.0),), 1, "", 0)
    whole = chosen.fits[0]
    assert whole is not None
    late = replace(whole, meta={**whole.meta, "stopped": True})
    for fits, kept in ((tuple(cut), True), (chosen.fits, False)):
        result = replace(chosen, fits=fits, complete=False)
        given = replace(found, usable=(result,), choice=alone, spare=(tree,))
        assert (final_model(given, result, 1.0, None, late, "").failure == "") == kept
        other = given.without({"logistic"}, small.plan)
        assert [r.name for r, _ in other.members] == ["tree"]
        assert len(other.scored) == len(small.plan.open) - len(small.plan.unscored)


def test_short_refits_do_not_wait_behind_long_ones(
    small: Problem, pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given out by what the folds took; the members stay in the order of the choice."""
    found = search(small.given(tmp_path, pool, candidates=QUICK, work=30))
    took = {"logistic": 5.0, "boosted": 9.0, "tree": 0.1}
    results = [
        replace(
            r,
            fits=tuple(
                replace(f, meta={**f.meta, "wall_seconds": took[r.name]}) for f in r.fits if f
            ),
        )
        for r in found.results
    ]
    choice = Choice(((0, 0.5), (1, 0.4), (2, 0.1)), 1, "", 0)
    given = replace(found, usable=tuple(results), choice=choice)
    sent: list[str] = []
    submit = pool.submit

    def seen(message: dict[str, object], until: float | None) -> int:
        sent.append(str(message["key"]))
        return submit(message, until)

    monkeypatch.setattr(pool, "submit", seen)
    made = refit(given, pool)
    keys = {
        r.name: given.orders.final(
            Candidate(r.name, r.card, final_settings(r)), final_rounds(r, given), None
        )["key"]
        for r in results
    }
    assert sent == [keys["tree"], keys["logistic"], keys["boosted"]]
    assert [m.name for m in made.members] == [r.name for r in results]
