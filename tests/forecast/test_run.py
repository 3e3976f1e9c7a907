"""The airline passengers, from the command to the series that goes on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import polars as pl
import pytest

import heldout
from forecast.cases import months, seasonal, walk
from heldout.bundle import forecast
from heldout.cli.main import main
from heldout.core.errors import HeldoutError
from heldout.core.journal import read_journal


@pytest.fixture(scope="module")
def airline(data_folder: Path) -> Path:
    return data_folder / "series" / "airline_passengers.csv"


@pytest.fixture(scope="module")
def run(airline: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    state = pytest.MonkeyPatch()
    state.setenv("HELDOUT_STATE", str(tmp_path_factory.mktemp("state")))
    made = heldout.run(
        str(airline),
        target="Passengers",
        task="forecasting",
        time="Month",
        horizon=12,
        work=5,
        out=str(tmp_path_factory.mktemp("runs") / "airline"),
    )
    state.undo()
    return made


@pytest.mark.requirement("SERIES-02", "SERIES-03", "EVAL-12")
def test_airline_beats_the_last_season_on_the_sealed_year(run: Any) -> None:
    assert run.task == "forecast"
    assert run.answer == "signal"
    assert run.sealed is True
    assert run.protocol == "origins"
    assert run.openings == 1
    assert np.isclose(run.baseline, 47.83, atol=0.01)  # the year before, of 1960
    assert run.score < 20
    assert run.low < run.score < run.high


def test_a_dozen_lines_of_onnxruntime_go_on_the_same(run: Any) -> None:
    """The loop is outside the graph: window in, next value out, window moved on."""
    bundle = run.load()
    (run.folder / "model.onnx").write_bytes(bundle.model)
    known = json.loads(bundle.member("context.json"))
    session = onnxruntime.InferenceSession(run.folder / "model.onnx")
    window = list(known["series"][0]["values"])
    answers = []
    for _ in range(known["horizon"]):
        feeds = {
            i.name: np.array([[window[-int(i.name.removeprefix("lag_"))]]])
            for i in session.get_inputs()
        }
        answers.append(float(session.run(["prediction"], feeds)[0][0, 0]))
        window.append(answers[-1])
    found = forecast.ahead(bundle)
    assert np.allclose(found.values[0], answers, rtol=1e-12)
    assert (found.low < found.values).all()
    assert (found.values < found.high).all()


def test_predict_continues_the_series(run: Any, airline: Path, tmp_path: Path) -> None:
    out = tmp_path / "next.csv"
    with pytest.raises(SystemExit) as ended:
        main(["predict", str(run.folder), "--out", str(out)])
    assert ended.value.code == 0
    frame = pl.read_csv(out)
    assert frame.columns == ["series", "time", "step", "Passengers", "low", "high"]
    assert frame["time"].to_list()[0] == "1961-01-01"
    assert frame["step"].to_list() == list(range(1, 13))
    # Newer history: the months after the bundle's last one, or a whole history of its own.
    (tmp_path / "two.csv").write_text("Month,Passengers\n1961-01,450\n1961-02,420\n")
    (tmp_path / "all.csv").write_text(airline.read_text().strip() + "\n1961-01,450\n1961-02,420\n")
    two, whole = (forecast.ahead(run.load(), tmp_path / n) for n in ("two.csv", "all.csv"))
    assert np.array_equal(two.values, whole.values)
    assert forecast.frame(run.load(), two)["time"].to_list()[0] == "1961-03-01"
    (tmp_path / "gap.csv").write_text("Month,Passengers\n1961-03,450\n1961-04,420\n")
    with pytest.raises(HeldoutError) as caught:
        forecast.ahead(run.load(), tmp_path / "gap.csv")
    assert caught.value.code == "H330"


def test_the_card_says_that_the_bundle_holds_values(run: Any) -> None:
    bundle = run.load()
    assert "holds the last" in bundle.card
    assert len(json.loads(bundle.member("context.json"))["series"][0]["values"]) == len(
        bundle.schema.inputs
    )
    assert bundle.manifest["parity"]["largest"] <= 1e-12
    assert bundle.manifest["parity"]["tolerance"] == 1e-12


@pytest.mark.requirement("EVAL-22")
def test_a_random_walk_ends_with_no_signal_and_the_last_value(tmp_path: Path) -> None:
    made = heldout.run(
        {"price": walk()}, target="price", task="forecast", time="row", horizon=10, work=3,
        out=str(tmp_path / "walk"),
    )  # fmt: skip
    assert made.answer == "no signal"
    assert "random walk" in " ".join(str(made).split())
    bundle = made.load()
    assert [c.name for c in bundle.schema.inputs] == ["lag_1"]
    found = forecast.ahead(bundle)
    assert (found.values == walk()[-1]).all()
    assert found.times[0].tolist() == list(range(150, 160))


def test_a_table_bundle_is_no_forecast_and_unknown_models_are_told(tmp_path: Path) -> None:
    with pytest.raises(HeldoutError) as caught:
        heldout.run(
            {"t": months(132), "y": seasonal()}, target="y", task="forecast", time="t",
            models=["lightgbm_wide"], out=str(tmp_path / "x"),
        )  # fmt: skip
    assert caught.value.code == "H103"
    assert "ridge_season_ratio" in caught.value.seen


def test_evaluate_says_how_a_forecast_is_scored(run: Any, airline: Path) -> None:
    from heldout.workflow.answer import evaluate_file

    with pytest.raises(HeldoutError) as caught:
        evaluate_file(str(run.folder), str(airline))
    assert caught.value.code == "H101"


def test_a_seal_opened_before_is_not_opened_again(run: Any, airline: Path, tmp_path: Path) -> None:
    """A run that died after the opening ends without a second look."""
    copy = tmp_path / "airline"
    shutil.copytree(run.folder, copy)
    (copy / "result.json").unlink(missing_ok=True)
    lines = (copy / "journal.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    last = next(i for i, line in enumerate(lines) if json.loads(line)["step"] == "seal")
    (copy / "journal.jsonl").write_text("".join(lines[: last + 1]), encoding="utf-8")
    again = heldout.run(
        str(airline), target="Passengers", task="forecasting", time="Month", horizon=12, work=5,
        out=str(copy),
    )  # fmt: skip
    assert again.sealed is False
    steps = [e.step for e in read_journal(copy / "journal.jsonl")]
    assert steps.count("seal") == 1
