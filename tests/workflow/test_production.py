"""--production: rows as they come in use are compared with those of training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from heldout.workflow.inspect import inspect


@pytest.mark.requirement("TASK-08", "DATA-18")
@pytest.mark.parametrize("target", ["y", None])
def test_a_column_that_moved_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str | None
) -> None:
    """Three classes; one column moved by a standard deviation, one is gone, one has a new word."""
    monkeypatch.chdir(tmp_path)  # the page is written into the working folder
    rng = np.random.default_rng(0)

    def rows(n: int, moved: float, towns: list[str]) -> pl.DataFrame:
        x = rng.normal(size=(n, 3)).round(3)
        return pl.DataFrame(
            {"a": x[:, 0] + moved, "b": x[:, 1], "c": x[:, 2], "town": rng.choice(towns, n)}
        )

    data = rows(900, 0.0, ["Oslo", "Rome"])
    y = np.digitize(data["a"].to_numpy() + rng.normal(size=900), [-0.7, 0.7])
    data.with_columns(y=pl.Series(np.array(["low", "mid", "high"])[y])).write_csv(
        tmp_path / "data.csv"
    )
    rows(600, 1.0, ["Oslo", "Rome", "Lima"]).drop("c").write_csv(tmp_path / "later.csv")
    said = {"data": str(tmp_path / "data.csv"), "production": str(tmp_path / "later.csv")}
    told = inspect(said | ({"target": target} if target else {}))
    found = {f["code"]: f for f in told.values["findings"]}
    assert found["A601"]["where"][0] == "c"
    assert found["A602"]["where"][0] == "a"
    assert bool(found["A602"]["evidence"]["answers_move_by_sd"]) == (target is not None)
    assert "Lima" in found["A603"]["what"]
    assert found["A604"]["evidence"]["low"] > 0.6
