"""Trials in a real PostgreSQL: two folders, as on two machines, share one search."""

from __future__ import annotations

from pathlib import Path

import pytest

import heldout
from heldout.core.errors import HeldoutError
from small_table import small_frame
from tables.test_postgresql import CODED, SECRET
from tables.test_postgresql import server as server


@pytest.mark.requirement("TUNE-01", "TUNE-03")
def test_two_folders_share_the_trials_of_a_postgresql(server: str, tmp_path: Path) -> None:
    said = {
        "model": "decision_tree", "protocol": "90/10",
        "storage": f"postgresql://me:{CODED}@{server}/postgres",
    }  # fmt: skip
    first = heldout.tune(small_frame(), "answer", trials=3, out=str(tmp_path / "a"), **said)
    second = heldout.tune(small_frame(), "answer", trials=5, out=str(tmp_path / "b"), **said)
    assert second.trials[:3] == first.trials and len(second.trials) == 5
    names = [sorted(p.name for p in (tmp_path / f / "trials").iterdir()) for f in "ab"]
    assert names == [["0000", "0001", "0002"], ["0003", "0004"]]
    assert second.default == 0 and second.looks == 5
    other = heldout.tune(
        small_frame(), "answer", trials=2, out=str(tmp_path / "c"), **{**said, "seed": 1}
    )
    assert len(other.trials) == 2  # another question, another study in the same database
    for path in tmp_path.rglob("*"):
        if path.is_file():
            raw = path.read_bytes()
            assert SECRET.encode() not in raw and CODED.encode() not in raw, path


def test_a_wrong_password_is_told_without_it(server: str, tmp_path: Path) -> None:
    with pytest.raises(HeldoutError) as error:
        heldout.tune(
            small_frame(), "answer", model="decision_tree", trials=1, out=str(tmp_path / "x"),
            storage=f"postgresql://me:wr0ng@{server}/postgres",
        )  # fmt: skip
    assert error.value.code == "H115" and "wr0ng" not in error.value.text()
