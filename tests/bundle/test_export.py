"""What leaves in another form gives the same answers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from heldout.bundle import load
from heldout.bundle.export import TARGETS
from heldout.core.errors import HeldoutError


@pytest.mark.requirement("DEPLOY-09")
@pytest.mark.parametrize("name", TARGETS.names())
def test_every_target_answers_as_the_bundle(name: str, bundle_path: Path, tmp_path: Path) -> None:
    """The conformance of the shelf: same answers after the trip."""
    card, bundle = TARGETS.get(name), load(bundle_path)
    written = card.build(bundle, tmp_path)
    assert all(p.is_file() for p in written)
    certificate = card.verify(bundle, written)
    assert certificate.rows == 64
    assert certificate.largest == 0.0
    assert "bit for bit" in certificate.text
    assert card.limits
    assert card.needs


def test_a_dozen_lines_of_bare_onnxruntime(bundle_path: Path, tmp_path: Path) -> None:
    """The script needs nothing of heldout and gives the library's numbers."""
    bundle = load(bundle_path)
    *_, script = TARGETS.get("onnx").build(bundle, tmp_path)
    frame = pl.DataFrame(
        {
            "since": ["2015-03-01", "1999-12-31", "", "2001-01-01"],
            "age": ["44", "", "20.5", "70"],
            "plan": ["gold", "?", "basic", "new"],
            "member": ["yes", "no", "", "no"],
        }
    )
    frame.write_csv(tmp_path / "new.csv")
    told = subprocess.run(
        [sys.executable, script.name, "new.csv"], cwd=tmp_path, capture_output=True, text=True, check=True
    )  # fmt: skip
    found = np.array([[float(x) for x in line.split(",")] for line in told.stdout.splitlines()])
    expected = bundle.predict(frame).frame.select("probability_no", "probability_yes").to_numpy()
    np.testing.assert_array_equal(found, expected)
    assert "heldout" not in script.read_text(encoding="utf-8")


def test_an_unknown_target() -> None:
    """H103 with what there is."""
    with pytest.raises(HeldoutError) as caught:
        TARGETS.get("onyx")
    assert caught.value.code == "H103"
    assert "onnx" in caught.value.text()
