"""Experiments: what a setting does, with intervals and corrected tests, in one page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

import heldout
from heldout.core.errors import HeldoutError
from heldout.core.journal import Journal
from heldout.report.experiment import Experiment, page, screen
from heldout.stats.tests import corrected_t, holm
from small_table import small_frame, write_small

QUICK = {"lightgbm.patience": 20, "lightgbm.learning_rate": 0.3}


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Experiment:
    out = tmp_path_factory.mktemp("experiment") / "one"
    return heldout.experiment(
        small_frame(), "answer", model="lightgbm", vary={"leaves": [2, 4, 8]}, seeds=2,
        settings=QUICK, folds=2, out=str(out),
    )  # fmt: skip


@pytest.mark.requirement("TUNE-07", "TUNE-08")
def test_one_variable_is_a_curve_with_intervals(one: Experiment) -> None:
    assert [c.settings for c in one.cells] == [{"leaves": 2}, {"leaves": 4}, {"leaves": 8}]
    assert all(len(c.scores) == 2 and c.low is not None and c.low < c.mean for c in one.cells)
    assert one.fits == 12 and one.estimate > 0
    assert one.matrix == [c.mean for c in one.cells]
    html = Path(one.page).read_text(encoding="utf-8")
    assert html == page(one)
    assert "may not carry over to other architectures" in html.replace("\n", " ")
    assert 'class="band' in html and "foreseen" in html
    assert "It may not carry over to other architectures" in " ".join(screen(one).split())
    kept = json.loads((Path(one.folder) / "experiment.json").read_text(encoding="utf-8"))
    assert kept["matrix"] == one.matrix and kept["warning"] == one.warning


@pytest.mark.requirement("TUNE-07")
def test_any_two_settings_are_compared_by_the_corrected_test(one: Experiment) -> None:
    assert [(p.first, p.second) for p in one.pairs] == [(0, 1), (0, 2), (1, 2)]
    assert [p.p_holm for p in one.pairs] == holm(np.array([p.p for p in one.pairs])).tolist()
    assert one.splits == 4 and one.test_share == pytest.approx(0.1, abs=0.02)
    first, second = (one.cells[i] for i in (0, 1))
    assert one.pairs[0].difference == pytest.approx(first.mean - second.mean)
    plain = corrected_t(np.array(first.scores), np.array(second.scores), 0.0)[1]
    assert 0 < one.pairs[0].p <= 1 and plain <= 1


@pytest.mark.requirement("TUNE-07")
def test_lower_may_be_better(tmp_path: Path) -> None:
    found = heldout.experiment(
        small_frame(kind="regression"), "answer", model="ridge", seeds=1, folds=1,
        vary={"penalty": [0.001, 1.0, 100.0]}, out=str(tmp_path / "ridge"), metric="mse",
    )  # fmt: skip
    assert found.metric == found.loss == "mse" and not found.greater_is_better
    assert found.best.mean == min(c.mean for c in found.cells)
    assert found.pairs == () and "nothing can be told apart" in " ".join(screen(found).split())


@pytest.mark.requirement("TUNE-07", "TUNE-09")
def test_a_heat_map_and_the_loss_against_the_penalty_with_its_minimum(
    tmp_path: Path, here: Any
) -> None:
    data = write_small(tmp_path / "small.csv")
    said = here(
        "experiment", data, "--target", "answer", "--model", "logistic", "--vary",
        "strength=1,0.01,0.0001", "--vary", "penalty=l1,l2", "--seeds", 1, "--folds", 1, "--out",
        tmp_path / "two", "--json",
    )  # fmt: skip
    found = said.values
    assert np.shape(found["matrix"]) == (3, 2) and found["looks"] == 6
    html = (tmp_path / "two" / "experiment.html").read_text(encoding="utf-8")
    assert "Rows are strength, columns penalty" in html
    said = here(
        "experiment", data, "--target", "answer", "--model", "logistic", "--metric", "log_loss",
        "--vary", "strength=1,0.01,0.0001", "--seeds", 1, "--folds", 1, "--out", tmp_path / "one",
    )  # fmt: skip
    least = json.loads((tmp_path / "one" / "experiment.json").read_text(encoding="utf-8"))
    assert least["best"] == {"strength": [1.0, 0.01, 0.0001][int(np.argmin(least["matrix"]))]}
    assert "The dot marks the best" in (tmp_path / "one" / "experiment.html").read_text("utf-8")
    assert "may not carry over to other architectures" in said.all.replace("\n", " ")


@pytest.mark.requirement("TUNE-08")
def test_the_cost_is_told_before_it_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], here: Any
) -> None:
    data = write_small(tmp_path / "small.csv")
    config = tmp_path / "experiment.yaml"
    told = {
        "data": str(data), "target": "answer", "model": "decision_tree", "seeds": 1, "folds": 1,
        "vary": {"leaves": [2, 4]}, "out": str(tmp_path / "a"),
    }  # fmt: skip
    config.write_text(yaml.safe_dump(told), encoding="utf-8")
    said = here("experiment", "--config", config, "--seeds", 2)
    assert "2 settings x 2 seeds x 1 part = 4 fits, about" in said.all
    assert said.all.index("4 fits, about") >= 0
    entries = [e.step for e in Journal(tmp_path / "a" / "journal.jsonl").entries()]
    assert "looks" in entries and "experiment" in entries
    again = here("experiment", "--config", config, "--seeds", 2, "--json").values
    assert again["fits"] == 0 and again["found"] == 4


@pytest.mark.requirement("TUNE-07")
@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--model", "lightgmb", "--vary", "leaves=2,4"], "H103"),
        (["--model", "lightgbm"], "H101"),
        (["--vary", "leaves=2,4"], "H101"),
        (["--model", "lightgbm", "--vary", "leafs=2,4"], "H103"),
        (["--model", "lightgbm", "--vary", "leaves=2,many"], "H102"),
        (["--model", "lightgbm", "--vary", "leaves=2"], "H102"),
        (["--model", "lightgbm", "--vary", "leaves"], "H102"),
        (["--model", "lightgbm", "--vary", "leaves=2,4", "--set", "lightgbm.leafs=3"], "H103"),
    ],
)
def test_what_cannot_be_varied(options: list[str], code: str, tmp_path: Path, here: Any) -> None:
    data = write_small(tmp_path / "small.csv")
    said = here("experiment", data, "--target", "answer", *options, "--json")
    assert said.values["code"] == code


@pytest.mark.requirement("TUNE-07", "TRAIN-07")
def test_networks_share_one_program_for_all_rates_and_seeds(tmp_path: Path) -> None:
    pytest.importorskip("keras")
    from heldout.models.nets import fitting

    before = len(fitting._NETS)
    found = heldout.experiment(
        small_frame(), "answer", model="dense_net", vary={"learning_rate": [0.0003, 0.01]},
        seeds=2, folds=1, settings={"epochs": 2, "units": 32, "layers": 1}, out=str(tmp_path / "n"),
    )  # fmt: skip
    assert len(fitting._NETS) - before <= 1
    assert len({s for c in found.cells for s in c.scores}) > 1
    first = found.cells[0]
    assert first.seconds is not None and found.fits == 4


def test_a_wrong_model_for_the_task_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HeldoutError) as error:
        heldout.experiment(
            small_frame(), "answer", model="ridge", vary={"penalty": [1, 2]},
            out=str(tmp_path / "r"),
        )  # fmt: skip
    assert error.value.code == "H103"
