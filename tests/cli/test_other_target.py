"""Two runs, or a run and new data, that do not ask the same question."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import heldout
from wrong_inputs import listing

ROWS = 400


def rows(seed: int = 0) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=ROWS), rng.normal(size=ROWS)
    left = np.where(a + 0.5 * rng.normal(size=ROWS) > 0, "yes", "no")
    town = np.where(b + 0.5 * rng.normal(size=ROWS) > 0, "Ulm", "Bonn")
    return pl.DataFrame({"a": a, "b": b, "left": left, "town": town})


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The same table asked about two columns."""
    place = tmp_path_factory.mktemp("questions")
    made = {}
    for target in ("left", "town"):
        out = str(place / target)
        other = "town" if target == "left" else "left"
        heldout.run(rows(), target=target, drop=other, work=2, models="logistic", out=out)
        made[target] = out
    return made


def refused(here: Any, folder: Path, *call: object) -> dict[str, Any]:
    """What the command says, and that it left nothing behind."""
    before = listing(folder)
    said = here(*call, "--json")
    assert "Traceback" not in said.all
    assert listing(folder) == before
    values: dict[str, Any] = said.values
    assert values["exit"] == said.code
    return values


def test_two_runs_with_different_targets(
    here: Any, runs: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = refused(here, tmp_path, "compare", runs["left"], runs["town"])
    assert (told["code"], told["exit"]) == ("H113", 2)
    assert "target" in told["error"]
    assert "left in left, town in town" in told["seen"]


@pytest.mark.parametrize("case", ["another name", "no target", "other classes"])
def test_new_data_with_another_target(
    case: str,
    here: Any,
    runs: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    new = rows(1).drop("town")
    if case == "another name":
        new = new.rename({"left": "gone"})
    elif case == "no target":
        new = new.drop("left")
    else:
        new = new.with_columns(left=pl.Series(["red", "blue"] * (ROWS // 2)))
    new.write_csv("new.csv")
    told = refused(here, tmp_path, "retrain", runs["left"], "new.csv", "--out", "again")
    said = " ".join([told["error"], told["seen"], *told["do"]])
    if case == "other classes":
        assert (told["code"], told["exit"]) == ("H261", 3)
        assert "blue" in told["seen"]
        assert "yes" in told["seen"]
        assert "--target left" in said
        return
    assert (told["code"], told["exit"]) == ("H104", 2)
    assert "left" in told["error"]
    if case == "another name":
        assert "--rename gone=left" in said
        assert "heldout run new.csv --target gone" in said
    else:
        assert "none" in told["seen"]
