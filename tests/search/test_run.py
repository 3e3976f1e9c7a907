"""The search with real workers: the clock, counted fits, failures, deaths, resuming."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from heldout.core.clock import Deadline, now
from heldout.core.seed import Seed
from heldout.models.portfolio import Candidate
from heldout.search.choose import cap
from heldout.search.pool import Pool
from heldout.search.result import Event, SearchResult, leaderboard_frame
from heldout.search.run import search
from heldout.search.tally import chosen, predicted, scored, usable
from small_searches import QUICK, Problem, make_problem

BROKEN = Candidate("broken", "logistic", {"penalty": "no such penalty"})


def board(found: SearchResult, path: Path) -> bytes:
    leaderboard_frame(found.leaderboard()).write_parquet(path)
    return path.read_bytes()


@pytest.mark.requirement("EVAL-05", "EVAL-17")
def test_counted_fits_give_the_same_leaderboard_byte_for_byte(
    problem: Problem, pool: Pool, tmp_path: Path
) -> None:
    work = {"work": 24}
    first = search(problem.given(tmp_path / "a", pool, **work))
    assert 20 < first.fits <= 24  # a candidate that could not be completed is not begun
    assert first.ended == "work"
    again = search(problem.given(tmp_path / "b", pool, **work))
    with Pool(workers=1) as single:
        alone = search(problem.given(tmp_path / "c", single, **work))
    resumed = search(problem.given(tmp_path / "a", pool, **work))
    boards = [board(f, tmp_path / "board.parquet") for f in (first, again, alone, resumed)]
    assert boards[1:] == boards[:1] * 3
    other = search(problem.given(tmp_path / "a", pool, seed=Seed(7), **work))
    assert board(other, tmp_path / "board.parquet") != boards[0]


@pytest.mark.slow
@pytest.mark.requirement("TUNE-01", "TUNE-06")
def test_settings_are_drawn_until_more_is_unlikely_to_help(pool: Pool, tmp_path: Path) -> None:
    problem = make_problem(300)
    more = {"candidates": QUICK[1:], "draws": True, "work": 120}
    first = search(problem.given(tmp_path / "a", pool, **more))
    drawn = [r for r in first.results if "_draw_" in r.name]
    assert drawn
    assert len(first.results) <= cap(len(problem.plan.open))
    assert first.fits < 120
    assert all(set(r.settings) == set(r.model.space) for r in drawn)
    assert all(r.settings["patience"] == 20 for r in drawn if r.card == "lightgbm")
    again = search(problem.given(tmp_path / "b", pool, **more))
    assert board(again, tmp_path / "x") == board(first, tmp_path / "x")


def test_every_open_sample_is_predicted_once_and_the_score_is_told_with_its_interval(
    problem: Problem, pool: Pool, tmp_path: Path
) -> None:
    events: list[Event] = []
    found = search(problem.given(tmp_path, pool, on_event=events.append))
    assert found.ended == "finished"
    assert [r.name for r in found.usable] == ["logistic", "boosted", "tree"]
    rows = {r["name"]: r for r in found.leaderboard()}
    first = found.leaderboard()[0]
    assert first["behind"] == 0.0 and first["cannot_be_told"] and first["p"] is None
    for name in set(rows) - {first["name"]}:
        assert rows[name]["p_holm"] >= rows[name]["p"]
        assert rows[name]["behind_low"] <= rows[name]["behind"] <= rows[name]["behind_high"]
    assert np.array_equal(found.scored, np.sort(problem.plan.open))
    for result in found.usable:
        assert result.complete
        assert result.score is not None
        assert result.score.low < result.score.value < result.score.high
        assert result.score.samples == len(problem.plan.open)
        assert np.allclose(result.prediction[found.scored].sum(axis=1), 1.0)
        assert len(result.fold_scores) == len(problem.plan.folds)
    assert found.usable[0].score.value > 0.65
    assert found.usable[0].fits[0].state() is not None
    assert found.usable[0].fits[1].state() is None
    assert found.recipe("linear") is not None
    kinds = [e.kind for e in events]
    assert kinds.count("finished") == 30
    assert kinds.count("progress") == 3
    assert sum(w for _, w in found.members) == pytest.approx(1.0)
    assert found.peak_memory > 10**7
    json.dumps([e.numbers for e in events])


def test_a_candidate_that_fails_is_told_and_ends_no_run(
    problem: Problem, pool: Pool, tmp_path: Path
) -> None:
    events: list[Event] = []
    found = search(
        problem.given(tmp_path, pool, candidates=[BROKEN, QUICK[2]], on_event=events.append)
    )
    (failed,) = [e for e in events if e.kind == "failed"]
    assert failed.candidate == "broken"
    assert "KeyError" in failed.reason
    assert "Traceback" in failed.numbers["trace"]
    assert [r.name for r in found.usable] == ["tree"]


def test_nothing_but_failures_gives_no_choice(problem: Problem, pool: Pool, tmp_path: Path) -> None:
    found = search(problem.given(tmp_path, pool, candidates=[BROKEN]))
    assert (found.choice, found.usable, found.members) == (None, (), [])
    assert found.leaderboard() == []


def test_an_incomplete_candidate_stands_alone_where_it_is_better_beyond_doubt(
    problem: Problem, pool: Pool, tmp_path: Path
) -> None:
    """The clock may take its last folds; a poor complete one is no reason to use it."""
    given = problem.given(tmp_path, pool)
    found = search(given)
    best = found.usable[0]
    coin = np.full_like(best.prediction, 0.5)
    poor = dataclasses.replace(found.usable[1], prediction=coin, score=scored(given, coin))
    cut = best.prediction.copy()
    for fold in problem.plan.folds[5:]:
        cut[fold.valid] = np.nan
    half = dataclasses.replace(best, prediction=cut, complete=False, score=scored(given, cut))
    assert usable(given, [poor, half]) == (half,)
    choice = chosen(given, (half,), predicted(given, cut))
    assert choice is not None
    assert "the clock took its last folds" in choice.reason
    assert usable(given, [best, half]) == (best,)
    assert usable(given, [half]) == (half,)
    assert usable(given, []) == ()


def test_what_would_not_fit_into_memory_is_not_started(
    problem: Problem, pool: Pool, tmp_path: Path
) -> None:
    events: list[Event] = []
    found = search(problem.given(tmp_path, pool, memory_limit=1.3e8, on_event=events.append))
    skipped = {e.candidate: e.reason for e in events if e.kind == "skipped"}
    assert list(skipped) == ["tree"]
    assert "MB" in skipped["tree"]
    assert [r.name for r in found.results] == ["logistic", "boosted"]


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_worker_killed_in_the_middle_of_a_fit_costs_nothing_but_time(
    problem: Problem, pool: Pool, tmp_path: Path
) -> None:
    killed: list[int] = []

    def kill_one(event: Event) -> None:
        if event.kind == "started" and event.candidate == "boosted" and not killed:
            killed.append(pool.pids[0])
            os.kill(pool.pids[0], signal.SIGKILL)

    found = search(problem.given(tmp_path, pool, on_event=kill_one))
    assert killed
    assert found.ended == "finished"
    assert all(r.complete for r in found.results)
    assert len(pool.pids) == 2
    calm = search(problem.given(tmp_path / "calm", pool))
    assert calm.leaderboard() == found.leaderboard()


SLOW = {"learning_rate": 0.002, "leaves": 31, "patience": 300}


def test_the_deadline_is_kept_by_fits_that_would_take_far_longer(
    pool: Pool, tmp_path: Path
) -> None:
    problem = make_problem(6_000)
    slow = [QUICK[0], *(Candidate(f"slow {i}", "lightgbm", {**SLOW, "l2": i}) for i in range(4))]
    start = now()
    found = search(problem.given(tmp_path, pool, candidates=slow, deadline=Deadline.after(6.0)))
    assert now() - start < 6.5
    assert found.ended == "budget"
    assert found.usable
    assert found.usable[0].name == "logistic"


def test_stopping_ends_the_search_with_what_is_there(problem: Problem, tmp_path: Path) -> None:
    with Pool(workers=2) as own:

        def stop(event: Event) -> None:
            own.stopping = event.kind == "progress" or own.stopping

        found = search(problem.given(tmp_path, own, on_event=stop))
        assert found.ended == "interrupted"
        assert any(r.complete for r in found.usable)
        assert found.fits < 30
        assert own.open_tickets == 0


RUN = """
import sys
from pathlib import Path
from small_searches import make_problem
from heldout.search.choose import cap
from heldout.search.pool import Pool
from heldout.search.run import search
from heldout.search.tally import chosen, predicted, scored, usable
def tell(event):
    if event.kind == "finished":
        print("finished", event.numbers["from_store"], flush=True)
with Pool(workers=2) as pool:
    search(make_problem(1_200).given(Path(sys.argv[1]), pool, on_event=tell))
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_after_kill_9_the_same_search_goes_on_without_losing_finished_fits(
    problem: Problem, pool: Pool, tmp_path: Path
) -> None:
    here = str(Path(__file__).resolve().parents[1])
    environment = {**os.environ, "PYTHONPATH": here}
    folder = tmp_path / "run"
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert process.stdout is not None
    for _ in range(13):
        assert process.stdout.readline() == "finished False\n"
    process.kill()
    process.wait()
    process.stdout.close()
    time.sleep(0.3)
    (folder / "fits" / ".torn.1.part").mkdir()
    damaged = next(p for p in (folder / "fits").iterdir() if not p.name.startswith("."))
    (damaged / "prediction.npy").write_bytes(b"torn")
    events: list[Event] = []
    resumed = search(problem.given(folder, pool, on_event=events.append))
    stored = [e for e in events if e.kind == "finished" and e.numbers["from_store"]]
    assert len(stored) >= 12
    assert sum(e.cost or 0.0 for e in stored) == 0.0
    fresh = search(problem.given(tmp_path / "fresh", pool))
    assert resumed.leaderboard() == fresh.leaderboard()
    assert not list((folder / "fits").glob(".*"))
    shutil.rmtree(folder)


def test_weights_units_and_a_number_as_target_go_through(pool: Pool, tmp_path: Path) -> None:
    problem = make_problem(300, kind="regression")
    unit = np.arange(300) // 2
    candidates = [Candidate("ridge", "ridge"), QUICK[1]]
    found = search(
        problem.given(
            tmp_path, pool, candidates=candidates, unit=unit, weights=np.linspace(1, 2, 300)
        )
    )
    assert len(found.usable) == 2
    assert found.usable[0].prediction.shape == (300, 1)
