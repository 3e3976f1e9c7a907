"""`heldout inspect` shows columns and findings, and never looks at rows that would be sealed."""

from __future__ import annotations

from pathlib import Path

import pytest

from heldout.workflow.inspect import inspect


@pytest.mark.requirement("DATA-05", "DATA-07", "DATA-09")
def test_a_leak_is_told_first(data_folder: Path) -> None:
    """The lifeboat of the Titanic, with its evidence."""
    told = inspect({"data": str(data_folder / "tables/binary/titanic3.csv"), "target": "survived"})
    first = told.values["findings"][0]
    assert first["severity"] == "block"
    assert first["where"] == ("boat",)
    assert "LEAK      `boat`" in told.text
    assert "body" in told.text


def test_without_a_target_the_structure_is_told(data_folder: Path) -> None:
    """Kinds, parts and missing values of every column."""
    told = inspect({"data": str(data_folder / "tables/binary/telco_churn.csv")})
    assert told.values["rows"] == 7043
    assert "TotalCharges: 11 blanks read as missing" in told.text
    assert "customerID" in told.text
