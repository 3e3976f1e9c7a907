"""The journal's entries about decisions: what they hold, and that they agree with each other."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from small_runs import Made, Said


@pytest.mark.requirement("EVAL-18", "EVAL-21")
def test_a_run_tells_what_its_decisions_do(small: Made) -> None:
    """Curves, reliability sealed and open, confusion, subgroups, dependence, answers apart."""
    last = {e["step"]: e["numbers"] for e in small.steps_of_all()}
    curves, operating = last["curves"], last["operating"]
    assert curves["threshold"] == operating["threshold"]
    assert operating["sealed"] is True
    assert last["reliability"]["sealed"] is True
    assert last["reliability"]["samples"] == operating["samples"]
    opened = last["reliability"]["open"]
    assert opened["samples"] == curves["samples"] == sum(b["n"] for b in opened["bins"])
    assert opened["brier"]["low"] < opened["brier"]["value"] < opened["brier"]["baseline"]
    assert opened["calibration"]["slope_low"] < opened["calibration"]["slope_high"]
    counts = np.array(last["confusion"]["counts"])
    assert counts.sum() == curves["samples"]
    assert counts[1, 1] / counts[1].sum() == pytest.approx(curves["roc"]["at"][1])
    assert last["slices"]["looked_at"] > 0
    first = last["partial_dependence"]["columns"][0]
    assert first["column"] == last["importance"]["rows"][0]["column"]
    assert len(first["points"]) > 1
    for row in last["contributions"]["rows"]:
        total = row["base"] + sum(part["effect"] for part in row["parts"])
        assert total == pytest.approx(row["answer"], abs=1e-9)


def test_reasons_beside_the_answers_add_up(small: Made, heldout: Callable[..., Said]) -> None:
    """``predict --explain``: base and contributions make the probability of every row."""
    out = small.folder.parent / "reasons.parquet"
    said = heldout("predict", small.folder, small.data, "--explain", "--out", out)
    assert said.code == 0, said.err
    frame = pl.read_parquet(out)
    parts = [n for n in frame.columns if n.startswith("contribution_")]
    total = frame["base"].to_numpy() + frame.select(parts).to_numpy().sum(axis=1)
    assert total == pytest.approx(frame["probability_yes"].to_numpy(), abs=1e-12)
