"""The capacity ladder of a whole run: journal, status, report, and the kept model in the race."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from heldout.core.clock import Deadline, now
from heldout.core.seed import Seed
from heldout.models.portfolio import Candidate
from heldout.search.pool import Pool
from heldout.workflow.context import Clock, Context
from heldout.workflow.ladder import _cards, _seconds
from heldout.workflow.spec import Spec
from small_runs import Made, Said, entries, table, write
from small_searches import Problem, make_problem

ARGUMENTS = ("--seal", "--models", "logistic,lightgbm", "--work", "60", "--ladder")


@pytest.fixture(scope="module")
def climbed(place: Path, heldout: Callable[..., Said]) -> Made:
    """1,200 made rows with a ladder of boosted trees."""
    columns = table()
    columns.pop("house")
    data = write(place / "climb.csv", columns)
    arguments = ("run", str(data), "--target", "left", *ARGUMENTS, "--out", str(place / "climb"))
    said = heldout(*arguments, "--json")
    assert said.code == 0, said.err
    return Made(place / "climb", data, said, arguments)


def plain(numbers: Any) -> Any:
    """Without what a clock has measured."""
    if isinstance(numbers, dict):
        return {k: plain(v) for k, v in numbers.items() if k not in ("seconds", "at")}
    return [plain(v) for v in numbers] if isinstance(numbers, list) else numbers


@pytest.mark.requirement("REG-01", "REG-10", "REG-12", "MODEL-22")
def test_the_journal_holds_each_step_with_its_evidence(climbed: Made) -> None:
    (entry,) = climbed.steps("ladder")
    (one,) = entry["numbers"]["ladders"]
    assert entry["numbers"]["loss"] == "log_loss"
    for step in [*one["steps"], *one["remedies"]]:
        assert step["low"] < step["validation"] < step["high"]
        assert step["capacity"] >= 1 and step["training"] > 0 and step["words"]
    assert one["smallest"] == 0 and one["border"] is not None
    assert "validation rises" in entry["reason"] and "kept" in entry["decision"]
    assert entry["overrule"].startswith("--no-ladder")


def test_a_model_exists_before_the_climb_and_the_kept_one_joins_the_race(climbed: Made) -> None:
    steps = [e["step"] for e in climbed.steps_of_all()]
    assert steps.index("early") < steps.index("ladder") < steps.index("leaderboard")
    rows = climbed.steps("leaderboard")[0]["numbers"]["rows"]
    assert {"logistic", "ladder_lightgbm"} <= {r["name"] for r in rows}
    told = [e["decision"] for e in climbed.steps("fit")]
    assert told.count("logistic: finished") == rows[0]["folds"]  # each fit is told once


@pytest.mark.slow
def test_the_same_work_gives_the_same_ladder(
    climbed: Made, heldout: Callable[..., Said], place: Path
) -> None:
    out = place / "climb_again"
    said = heldout("run", climbed.data, "--target", "left", *ARGUMENTS, "--out", out, "--quiet")
    assert said.code == 0, said.err
    (again,) = entries(out, "ladder")
    assert plain(again["numbers"]) == plain(climbed.steps("ladder")[0]["numbers"])
    boards = [(f / "leaderboard.parquet").read_bytes() for f in (climbed.folder, out)]
    assert boards[0] == boards[1]


def test_terminal_status_and_report_show_it(climbed: Made, heldout: Callable[..., Said]) -> None:
    told = [t for t in climbed.said.err.splitlines() if "ladder: loss " in t]
    assert any(", validation 0." in t and t.endswith(": 5 rounds of 2 leaves") for t in told)
    assert max(map(len, climbed.said.err.splitlines())) <= 79
    assert "Capacity" in heldout("status", climbed.folder).out
    page = (climbed.folder / "report.html").read_text(encoding="utf-8")
    assert 'id="capacity"' in page and "ladder_lightgbm" in page


def asked(problem: Problem, pool: Pool, folder: Path, **said: Any) -> list[str]:
    """Whose ladders would be climbed."""
    spec = Spec(target="answer", **said)
    clock = Clock(now(), spec.budget, spec.work)
    context = Context(spec, None, None, clock, Seed(0))  # type: ignore[arg-type]
    given = problem.given(folder, pool, candidates=[Candidate("fast", "lightgbm")])
    return _cards(given, context)


def test_it_is_climbed_where_the_budget_has_room_or_when_asked(tmp_path: Path) -> None:
    problem = make_problem(300)
    with Pool(workers=1) as pool:
        assert asked(problem, pool, tmp_path, budget=60.0) == ["lightgbm"]
        assert asked(problem, pool, tmp_path, budget=30.0) == []
        assert asked(problem, pool, tmp_path, work=10) == []
        assert asked(problem, pool, tmp_path, budget=60.0, ladder=False) == []
        assert asked(problem, pool, tmp_path, budget=30.0, ladder=True)[0] == "lightgbm"
        only = {"budget": 300.0, "models": ("lightgbm",)}
        assert asked(problem, pool, tmp_path, **only) == ["lightgbm"]


def test_it_takes_a_tenth_of_the_time_that_is_left(tmp_path: Path) -> None:
    problem = make_problem(300)
    with Pool(workers=1) as pool:
        given = problem.given(tmp_path, pool, deadline=Deadline.after(50.0))
        spec = Spec(target="answer", budget=60.0)
        context = Context(spec, None, None, Clock(now(), 60.0), Seed(0))  # type: ignore[arg-type]
        seconds = _seconds(given, context)
    assert seconds is not None and 4.5 < seconds <= 5.0


def test_a_ladder_that_nobody_can_climb_is_said_to_be_left_out(
    climbed: Made, heldout: Callable[..., Said], place: Path
) -> None:
    arguments = ("--target", "left", "--models", "logistic", "--work", "5", "--ladder")
    said = heldout("run", climbed.data, *arguments, "--out", place / "nobody")
    assert said.code == 0 and "--ladder is left out" in said.err, said.err
