"""One measure drives what is done, and the data say which kind of model."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from heldout.models.card import Size
from heldout.models.portfolio import portfolio
from heldout.models.threshold import choose
from heldout.tables.read import read
from heldout.tables.table import Table
from heldout.tasks.task import Task
from heldout.workflow.definition import kind_of_model


@pytest.mark.requirement("TASK-11")
def test_the_measure_chooses_the_loss() -> None:
    """MAE asks for medians: boosting and networks learn those; RMSE for means."""
    size = Size(5_000, 10, 1)
    by = {}
    for metric in ("mae", "rmse"):
        found = portfolio(Task("regression", "t", metric, False), size, 300.0)
        by[metric] = {
            c.card: c.settings.get("objective") for c in found if c.name != "lightgbm_mean"
        }
    assert by["mae"]["lightgbm"] == by["mae"]["dense_net"] == "l1"
    assert by["rmse"]["lightgbm"] is None and by["rmse"]["dense_net"] is None


@pytest.mark.requirement("TASK-11")
def test_the_measure_chooses_the_threshold() -> None:
    """Where one of ten is positive, F1 asks for a lower threshold than a half; AUC for none."""
    rng = np.random.default_rng(0)
    y = (rng.random(2_000) < 0.1).astype(np.int64)
    p = np.clip(0.1 + 0.15 * y + 0.08 * rng.normal(size=2_000), 0.001, 0.999)
    both = np.stack([1 - p, p], axis=1)
    told = {
        m: choose(Task("binary", "t", m, True, ("no", "yes"), "yes"), y, both)
        for m in ("f1", "roc_auc")
    }
    assert told["f1"] is not None and told["roc_auc"] is not None
    assert told["f1"].rule == "metric" and told["f1"].value < 0.4
    assert told["roc_auc"].rule == "default"


def some(folder: Path, rows: int, word: str) -> Table:
    """A number beside a column made of a word and a counter."""
    lines = [f"{i % 7},{word.format(i=i, j=i % 97)},{i % 2}" for i in range(rows)]
    (folder / "t.csv").write_text("\n".join(["n,c,y", *lines]) + "\n")
    return read(str(folder / "t.csv"))


@pytest.mark.requirement("TASK-14", "TASK-15")
def test_the_data_choose_the_kind_of_network_or_none(tmp_path: Path) -> None:
    task = Task("binary", "y", "roc_auc", True, ("0", "1"), "1")
    few, many = some(tmp_path, 300, "w{j}"), some(tmp_path, 1_500, "w{j}")
    assert "no network" in kind_of_model(few, task)[0]
    assert "dense network" in kind_of_model(many, task)[0]
    for kind, words in (("image", "convolutional"), ("text", "words")):
        columns = [dataclasses.replace(c, kind=kind) for c in many.schema.inputs]
        changed = dataclasses.replace(
            many, schema=dataclasses.replace(many.schema, columns=tuple(columns))
        )
        assert words in kind_of_model(changed, task)[0]
    series = Task("forecast", "y", "mae", False)
    assert "lags" in kind_of_model(many, series)[0]
