"""What is known only afterwards, told by its name, by a sum, by a code for gaps; seasons."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from heldout.audits import examples
from heldout.audits.afterwards import afterwards
from heldout.audits.blocked import answer
from heldout.audits.finding import CHECKS, Finding, Look
from heldout.audits.review import review
from small_runs import call


def found(name: str, look: Look) -> list[Finding]:
    """What one check says."""
    return list(CHECKS.get(name).run(look))


def calls(rows: int = 800) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Who agrees talks longer, and is paid; both are known when the call is over."""
    rng = np.random.default_rng(0)
    y = (rng.random(rows) < 0.4) * 1.0
    columns = examples.noise(rows)
    columns["x0"] = y + rng.normal(size=rows)
    columns["duration"] = y + rng.normal(size=rows) * 1.3
    columns["paid_fee"] = y + rng.normal(size=rows) * 1.3
    columns["previous_duration"] = y + rng.normal(size=rows) * 1.3
    return columns, y


@pytest.mark.requirement("DATA-07")
def test_a_name_asks_and_never_blocks() -> None:
    """One note with one question; what says nothing is not asked about, nor what is past."""
    columns, y = calls()
    columns["final_note"] = np.random.default_rng(5).normal(size=800)
    look = examples.look(columns, y)
    seen = review(look, "target")
    (asked,) = [f for f in seen if f.code == "A308"]
    assert (asked.severity, set(asked.where)) == ("note", {"duration", "paid_fee"})
    assert asked.question.startswith("Would you know `")
    assert not [f for f in seen if f.severity == "block"]
    fresh = dataclasses.replace(look, memo={})
    answer(fresh, ["duration"])
    assert [f.where for f in found("named_afterwards", fresh)] == [("paid_fee",)]


def test_words_of_the_target_count_and_common_ones_do_not() -> None:
    """arr_time beside arr_delay, but not mean_size beside mean_price."""
    assert afterwards("paid_interest", "interest_rate") != ""
    assert afterwards("income_group", "income") == "income"
    for name in ("mean_size", "previous_result", "marital_status", "age", "x1", ""):
        assert afterwards(name, "mean_price") == "", name


@pytest.mark.slow
@pytest.mark.requirement("DATA-07")
def test_answers_in_the_specification_end_the_question(tmp_path: Path) -> None:
    """yes: it stays and is not asked again; no: it is not used; silence: it is asked."""
    columns, y = calls(400)
    names = list(columns)
    lines = [",".join([*names, "y"])]
    for row in range(400):
        lines.append(",".join([*(f"{columns[n][row]:.6f}" for n in names), "ny"[int(y[row])]]))
    (tmp_path / "calls.csv").write_text("\n".join(lines))
    spec = tmp_path / "spec.yaml"
    questions = []
    for name, said in (
        ("silent", ""),
        ("answered", "definition: {available: {duration: yes, paid_fee: no}}"),
    ):
        spec.write_text(f"target: y\nwork: 1\nmodels: [logistic]\n{said}\n")
        run = tmp_path / name
        told = call(
            "run", tmp_path / "calls.csv", "--config", spec, "--out", run, state=tmp_path / "state"
        )
        assert told.code == 0, told
        entries = [json.loads(t) for t in (run / "journal.jsonl").read_text().splitlines()]
        (audit,) = [e for e in entries if e["step"] == "audit"]
        questions.append([f for f in audit["numbers"]["findings"] if f["code"] == "A308"])
        (read,) = [e for e in entries if e["step"] == "read"]
        roles = {c["name"]: c["role"] for c in read["numbers"]["columns"]}
        assert roles["duration"] == "input"
        assert (roles["paid_fee"] == "ignored") == (name == "answered")
    assert {c for f in questions[0] for c in f["where"]} == {"duration", "paid_fee"}
    assert questions[1] == []


@pytest.mark.requirement("DATA-07")
def test_a_bill_that_holds_the_tip_is_asked_about() -> None:
    """total = fare + tip + fees that no column tells; the fare is no sum."""
    look = CHECKS.get("whole").example()
    (asked,) = found("whole", look)
    assert asked.where == ("total",)
    assert asked.question == "Would you know `total`, with this value, when you predict?"


@pytest.mark.parametrize("seed", range(5))
def test_an_honest_sum_of_causes_is_no_bill(seed: int) -> None:
    """y = x0 + x1 + noise, with weights of one."""
    rng = np.random.default_rng(seed)
    columns = examples.noise(500, 5, seed)
    y = columns["x0"] + columns["x1"] + 1.2 * rng.normal(size=500)
    assert found("whole", examples.look(columns, y)) == []


@pytest.mark.requirement("DATA-07")
def test_a_code_for_gaps_in_all_columns_is_no_sum() -> None:
    """-200 where the station was off: they agree in these rows alone."""
    rng = np.random.default_rng(0)
    columns, y = examples.noise(600), rng.normal(size=600) + 10
    off = rng.random(600) < 0.2
    for name in columns:
        columns[name] = np.where(off, -200.0, columns[name] + y / 3)
    y = np.where(off, -200.0, y)
    assert found("pair", examples.look(columns, y)) == []


@pytest.mark.requirement("DATA-07")
@pytest.mark.parametrize(("days", "cycle"), [(10, "weeks"), (200, "years"), (1_000, "")])
def test_a_season_that_is_covered_once_is_asked_about(days: int, cycle: str) -> None:
    """Ten days hold no week twice, 200 no year; three years do."""
    rng = np.random.default_rng(0)
    day = np.datetime64("2023-01-01") + rng.integers(0, days, 400).astype("timedelta64[D]")
    seen = found("season", examples.look({**examples.noise(400), "day": day}))
    assert len(seen) == bool(cycle)
    for finding in seen:
        assert finding.severity == "note"
        assert cycle in finding.what
        assert finding.question.startswith("Will you predict")
