"""Six real tables with nothing said but the target: a score beyond the baseline, and answers."""

from __future__ import annotations

from pathlib import Path

import pytest

import heldout

TABLES = {
    "binary/german_credit.csv": ("class", "binary"),
    "binary/horse_colic.csv": ("column_23", "binary"),
    "multiclass/penguins.csv": ("species", "multiclass"),
    "multiclass/car.csv": ("class", "multiclass"),
    "regression/mpg.csv": ("mpg", "regression"),
    "regression/auto_imports.csv": ("column_25", "regression"),
}


@pytest.mark.requirement("TASK-02", "EVAL-01", "DATA-09")
@pytest.mark.parametrize("name", TABLES)
def test_a_real_table_ends_sensibly(name: str, data_folder: Path, tmp_path: Path) -> None:
    """One quick learner on every fold."""
    target, kind = TABLES[name]
    data = data_folder / "tables" / name
    models = "ridge" if kind == "regression" else "logistic"
    run = heldout.run(data, target=target, models=models, work=10, out=tmp_path / "run")
    assert run.answer == "signal"
    assert run.low is not None and run.high is not None
    better = run.low > run.baseline if kind == "binary" else run.high < run.baseline
    assert better, (run.low, run.high, run.baseline)
    assert (run.folder / "report.html").exists()
    written = heldout.load(run.folder).predict(data)
    assert written.answered > 0.99 * written.rows
