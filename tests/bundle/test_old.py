"""Bundles of earlier versions still open and give the answers that they gave (contract 19)."""

from __future__ import annotations

from pathlib import Path

import pytest

from heldout.bundle import load

OLD = sorted((Path(__file__).parent / "old").glob("*.heldout"))
RECORD = {"age": 44, "plan": "gold", "member": "yes", "since": "2015-03-01"}
GAVE = {"format1_binary": 0.6899744811276126, "format1_regression": 0.8}


def test_there_are_some() -> None:
    """One of each form, for each version of the format."""
    assert [p.stem for p in OLD] == list(GAVE)


@pytest.mark.parametrize("path", OLD, ids=lambda p: p.stem)
def test_an_old_bundle_answers_as_it_did(path: Path) -> None:
    """Digests, vectors, one record."""
    bundle = load(path)
    assert bundle.verify()["whole"]
    told = bundle.predict_row(RECORD)
    value = told["probability"]["yes"] if "probability" in told else told["prediction"]
    assert value == pytest.approx(GAVE[path.stem], abs=1e-12)
