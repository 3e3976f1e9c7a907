"""Retraining keeps what the champion promises; on other data, of another model's errors."""

from __future__ import annotations

import shlex
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import heldout
from heldout.core.errors import HeldoutError
from heldout.workflow.retrain import retrain


def rows(n: int, seed: int, noise: float, classes: bool) -> pl.DataFrame:
    """A target that hangs on one of two numbers."""
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=n), rng.normal(size=n)
    y = 2 * a + noise * rng.normal(size=n)
    told = np.where(y > 0, "yes", "no") if classes else y
    return pl.DataFrame({"a": a, "b": b, "y": told})


@pytest.mark.requirement("MONITOR-07")
@pytest.mark.parametrize("classes", [False, True])
def test_promised_intervals_and_sets_are_kept(tmp_path: Path, classes: bool) -> None:
    """The challenger's are as wide as its own errors: the noise has doubled since."""
    run = heldout.run(
        rows(600, 0, 1.0, classes), target="y", work=10, conformal=0.9, out=str(tmp_path / "run"),
        models="logistic" if classes else "elastic_net",
    )  # fmt: skip
    new = tmp_path / "new.csv"
    rows(600 if classes else 1_200, 1, 2.0, classes).write_csv(new)
    said = retrain(str(run.folder), str(new), out=str(tmp_path / "again"), quiet=True)
    told = said.values["conformal"]
    assert told["level"] == 0.9
    assert told["challenger"]["samples"] == (60 if classes else 240)
    assert told["challenger"]["high"] >= 0.9
    assert "90 % inside" in said.text
    made = heldout.load(tmp_path / "again")
    assert made.manifest["decision"]["conformal"]["level"] == 0.9
    if not classes:
        assert told["champion"]["value"] < 0.8 < told["challenger"]["value"]
        old, fresh = (heldout.load(f).predict(new).frame for f in (run.folder, tmp_path / "again"))
        width = [float((f["high"] - f["low"]).mean()) for f in (old, fresh)]
        assert width[1] > 1.5 * width[0]


def test_every_row_refitted_keeps_the_promise(tmp_path: Path) -> None:
    """--refit-all: the intervals of the answers out of fold."""
    run = heldout.run(
        rows(1_000, 0, 1.0, False), target="y", work=10, conformal=0.9, models="elastic_net",
        seal=True, refit_all=True, out=str(tmp_path / "run"),
    )  # fmt: skip
    bundle = heldout.load(run.folder)
    assert bundle.recipe["refitted_on_all"]
    found = bundle.predict(rows(500, 2, 1.0, False)).frame
    truth = rows(500, 2, 1.0, False)["y"].to_numpy()
    inside = (found["low"].to_numpy() <= truth) & (truth <= found["high"].to_numpy())
    assert 0.85 < inside.mean() < 0.95


@pytest.mark.requirement("DATA-05")
def test_a_column_gone_for_good_names_the_command_that_learns_without(tmp_path: Path) -> None:
    """With the paths as they are; it can be pasted, and it works."""
    run = heldout.run(
        rows(400, 0, 1.0, True), target="y", work=5, models="logistic", out=str(tmp_path / "a run")
    )
    new = tmp_path / "new rows.csv"
    rows(400, 1, 1.0, True).drop("b").write_csv(new)
    for ask in (
        lambda: heldout.load(run.folder).predict(new),
        lambda: retrain(str(run.folder), str(new), quiet=True),
    ):
        with pytest.raises(HeldoutError) as caught:
            ask()
        assert caught.value.code == "H310"
        command = shlex.split(caught.value.do[-1].split(": ", 1)[1])
        assert command[3:] == [str(new), "--drop", "b"]
    retrain(command[2], command[3], drop=["b"], out=str(tmp_path / "again"), quiet=True)
    assert heldout.load(tmp_path / "again").schema.inputs[0].name == "a"
