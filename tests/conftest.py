"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent


def find_data() -> Path | None:
    """The folder of real tables: $HELDOUT_DATA, or shared/data beside the checkout."""
    for path in (os.environ.get("HELDOUT_DATA"), HERE.parent.parent / "shared" / "data"):
        if path and Path(path).is_dir():
            return Path(path)
    return None


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Real tables; tests that need them are skipped where they are absent, with a word why."""
    folder = find_data()
    if folder is None:
        if os.environ.get("HELDOUT_DATA_REQUIRED"):
            pytest.fail("the data folder should be here: set HELDOUT_DATA")
        pytest.skip("real tables are not on this machine: set HELDOUT_DATA to their folder")
    return folder


@pytest.fixture(autouse=True)
def private_state(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No test writes into the ledger of the person who runs it."""
    monkeypatch.setenv("HELDOUT_STATE", str(tmp_path_factory.mktemp("state")))
