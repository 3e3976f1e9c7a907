"""Defining the task: the questions, the hypotheses, today's solution, limits (section TASK)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from heldout.core.errors import HeldoutError
from heldout.workflow.definition import agreement
from heldout.workflow.questions import LABELERS, QUESTIONS
from heldout.workflow.spec import resolve
from small_runs import Rows, Said, entries, table, write


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made rows with an old model's answers, good ones but not as good as can be."""
    columns: Rows = table()
    columns.pop("house")
    columns["old"] = [0.9 if a > 0 else 0.1 for a in columns["a"]]
    return write(tmp_path_factory.mktemp("define") / "small.csv", columns)


@pytest.mark.requirement("TASK-01", "TASK-05", "TASK-09", "TASK-12", "X-031")
def test_what_is_defined_runs_and_what_is_open_is_assumed(
    data: Path, tmp_path: Path, heldout: Callable[..., Said]
) -> None:
    """From define to run: answers count, hypotheses are marked, the old way is scored beside."""
    path = tmp_path / "spec.yaml"
    said = heldout("define", data, "--target", "left", "--existing", "old", "--out", path, "--json")
    assert {h["name"] for h in said.values["hypotheses"]} == {"predictable", "informative"}
    asked = {q["question"] for q in said.values["open"]}
    assert {"available", "labeled_by", "representative", "drift", "volume"} <= asked
    assert "existing_how" not in asked
    text = path.read_text(encoding="utf-8")
    assert LABELERS["crowd"] in text
    spec = yaml.safe_load(text)
    assert (spec["task"], spec["target"], spec["existing"]) == ("binary", "left", "old")
    spec["definition"] |= {"drift": "fast", "labeled_by": "outcome"}
    spec["definition"]["available"] = {"a": True, "town": True, "b": False}
    path.write_text(yaml.safe_dump(spec), encoding="utf-8")
    run = heldout(
        "run", "--config", path, "--models", "logistic", "--work", "10", "--seal",
        "--out", tmp_path / "run", "--quiet", "--json",
    )  # fmt: skip
    assert run.code == 0, run.err
    columns = {c["name"]: c for c in entries(tmp_path / "run", "read")[0]["numbers"]["columns"]}
    assert columns["b"]["role"] == columns["old"]["role"] == "ignored"
    before, after = entries(tmp_path / "run", "hypotheses")
    assert [h["state"] for h in before["numbers"]["hypotheses"]] == ["open", "open"]
    assert [h["state"] for h in after["numbers"]["hypotheses"]] == ["held", "held"]
    opened, sealed = entries(tmp_path / "run", "existing")
    assert (opened["numbers"]["where"], sealed["numbers"]["where"]) == ("open rows", "sealed rows")
    assert 0.6 < sealed["numbers"]["value"] < 0.9
    assert sealed["numbers"]["samples"] == run.values["samples"]
    status = heldout("status", tmp_path / "run", "--json").values
    assert status["existing"]["where"] == "sealed rows"
    assert [h["state"] for h in status["hypotheses"]] == ["held", "held"]
    assert "Existing" in heldout("status", tmp_path / "run").out
    texts = " ".join(
        a["text"] for a in entries(tmp_path / "run", "assumptions")[-1]["numbers"]["assumptions"]
    )
    assert "fair sample" in texts
    assert "each month" in texts
    assert "same form" not in texts, "every column was declared"


@pytest.mark.requirement("TASK-01")
def test_noise_refutes_the_hypothesis(tmp_path: Path, heldout: Callable[..., Said]) -> None:
    """Answers drawn by chance: refuted, with what would have been found."""
    columns = table(600, strength=0.0)
    columns.pop("house")
    data = write(tmp_path / "noise.csv", columns)
    said = heldout(
        "run", data, "--target", "left", "--models", "logistic", "--work", "10",
        "--out", tmp_path / "run", "--quiet", "--json",
    )  # fmt: skip
    assert said.code == 4
    last = entries(tmp_path / "run", "hypotheses")[-1]
    assert [h["state"] for h in last["numbers"]["hypotheses"]] == ["refuted", "refuted"]
    assert "4 times in 5" in last["reason"]


@pytest.mark.requirement("TASK-06", "TASK-15")
def test_limits_are_kept(data: Path, tmp_path: Path, heldout: Callable[..., Said]) -> None:
    """Unreadable models are left out; where nothing keeps a limit the answer is no."""
    arguments = (
        "run",
        data,
        "--target",
        "left",
        "--models",
        "logistic,lightgbm_fast",
        "--work",
        "20",
        "--quiet",
        "--json",
    )
    said = heldout(*arguments, "--limits", "explainable", "--out", tmp_path / "read")
    assert said.code == 0, said.err
    told = entries(tmp_path / "read", "limits")
    assert any("lightgbm_fast is left out" in e["decision"] for e in told)
    assert set(told[-1]["numbers"]["measured"]) == {"logistic"}
    assert "lightgbm_fast is left out" in heldout("status", tmp_path / "read").out
    none = heldout(*arguments, "--limits", "latency_ms=0.000001", "--out", tmp_path / "none")
    assert none.code == 4
    assert "H405" in none.out


@pytest.mark.slow
def test_small_is_preferred_within_noise(
    data: Path, tmp_path: Path, heldout: Callable[..., Said]
) -> None:
    """--prefer small: one model, the smallest of those that cannot be told from the best."""
    said = heldout(
        "run", data, "--target", "left", "--models", "logistic,lightgbm_fast", "--work", "20",
        "--prefer", "small", "--out", tmp_path / "run", "--quiet", "--json",
    )  # fmt: skip
    assert said.code == 0, said.err
    assert "logistic: the smallest" in entries(tmp_path / "run", "limits")[-1]["decision"]


@pytest.mark.parametrize(
    "said",
    [
        {"definition": {"availible": {}}}, {"definition": {"drift": "sometimes"}}, {"definition": ["a"]},
        {"definition": {"available": {"a": "perhaps"}}}, {"limits": "speed=3"}, {"limits": "latency_ms=-1"},
        {"prefer": "nice"},
    ],
)  # fmt: skip
def test_answers_that_make_no_sense(said: dict[str, object]) -> None:
    """H102, in words."""
    with pytest.raises(HeldoutError) as told:
        resolve(said)
    assert told.value.code == "H102"


@pytest.mark.requirement("TASK-07")
def test_agreement_of_two_people() -> None:
    """Cohen's kappa by hand: 0.7 seen, 0.5 by chance."""
    a, b = list("yyyyynnnnn"), list("yyyynnnnyy")
    assert agreement(a, b) == pytest.approx(0.4)
    assert agreement(a, a) == 1.0


def test_every_question_says_what_is_assumed() -> None:
    """No question without its assumption."""
    assert all(q.ask and q.assumed for q in QUESTIONS)
