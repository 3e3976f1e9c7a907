"""What was wrong with a network is changed, tried, and kept only where validation supports it."""

from __future__ import annotations

from pathlib import Path

import pytest

from heldout.models.portfolio import Candidate
from heldout.search.pool import Pool
from heldout.search.result import Event
from heldout.search.run import search
from small_searches import make_problem

NET = {"units": 32, "layers": 1, "epochs": 12, "dropout": 0.0}


@pytest.mark.slow
@pytest.mark.requirement("DIAG-01", "DIAG-14")
def test_an_absurd_rate_is_found_lowered_and_the_better_network_kept(
    pool: Pool, tmp_path: Path
) -> None:
    told: list[Event] = []
    ill = Candidate("net", "dense_net", {**NET, "learning_rate": 30.0})
    given = make_problem(2_000).given(
        tmp_path, pool, candidates=[Candidate("logistic", "logistic"), ill], draws=True, work=34,
        on_event=told.append,
    )  # fmt: skip
    found = search(given)
    remedies = [e for e in told if e.kind == "remedy"]
    assert remedies, [e for e in told if e.kind == "finished"][-1]
    first = remedies[0]
    assert first.candidate == "net"
    assert first.numbers["outcome"] == "kept", first
    assert first.numbers["remedy"]["learning_rate"] == [30.0, 0.01]
    assert first.numbers["what"] and first.numbers["why"] and first.numbers["evidence"]
    names = [r.name for r in found.results]
    assert f"net_{first.numbers['check']}" in names


@pytest.mark.slow
@pytest.mark.requirement("DIAG-14")
def test_what_was_said_by_the_person_is_left_alone(pool: Pool, tmp_path: Path) -> None:
    told: list[Event] = []
    ill = Candidate("net", "dense_net", {**NET, "learning_rate": 30.0})
    given = make_problem(300).given(
        tmp_path, pool, candidates=[ill], draws=True, work=12, held={"dense_net": {"learning_rate": 30.0}},
        on_event=told.append,
    )  # fmt: skip
    search(given)
    outcomes = [e for e in told if e.kind == "remedy" and "learning_rate" in e.numbers["remedy"]]
    assert outcomes and all(e.numbers["outcome"] == "not tried" for e in outcomes)
    assert "--set" in outcomes[0].reason
