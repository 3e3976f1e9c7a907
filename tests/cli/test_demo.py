"""`heldout demo`: the promises shown on tables that come with heldout."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest


@pytest.mark.slow
@pytest.mark.timeout(580)
@pytest.mark.requirement("DEPLOY-09")
def test_the_demo_as_one_object(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: Any) -> None:
    """--json: both runs on standard output, all else on standard error; then the same folder again."""
    monkeypatch.setenv("HELDOUT_STATE", str(tmp_path / "state"))
    said = here("demo", "--quick", "--json", "--out", tmp_path / "demo")
    assert said.code == 0, said.err
    churn, bikes = said.values["runs"]
    assert (churn["answer"], churn["metric"], churn["sealed"]) == ("signal", "roc_auc", True)
    assert churn["low"] < churn["score"] < churn["high"]
    assert churn["low"] > churn["baseline"] == 0.5
    assert {a["column"] for a in bikes["set_aside"]} == {"casual", "registered"}
    assert all(a["reason"] for a in bikes["set_aside"])
    for run in (churn, bikes):
        assert Path(run["bundle"]).exists()
        assert Path(run["report"]).exists()
    told = " ".join(said.err.split())
    assert "$ heldout run telco_churn.csv --target Churn --budget 40s --unit customer" in told
    assert "500 rows answered three ways" in told
    for way in ("the service over HTTP", "bare onnxruntime"):
        (largest,) = re.findall(rf"{way} +(\d\.\de[-+]\d+)", said.err)
        assert float(largest) < 1e-12  # sums over batches of another size may end otherwise
