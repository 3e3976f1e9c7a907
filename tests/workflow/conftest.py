"""Runs that the tests of this room share: each is made once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from small_runs import Made, Said, call, table, write


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the shared runs lie."""
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="session")
def heldout(place: Path) -> Callable[..., Said]:
    """The command line, with one ledger for all shared runs."""

    def told(*arguments: object, state: Path | None = None, cwd: Path | None = None) -> Said:
        return call(*arguments, state=state or place / "state", cwd=cwd)

    return told


@pytest.fixture(scope="session")
def telco(data_folder: Path, place: Path, heldout: Callable[..., Said]) -> Made:
    """Customers that leave: 7,043 rows, sealed, twelve fits."""
    data = data_folder / "tables" / "binary" / "telco_churn.csv"
    arguments = (
        "run",
        str(data),
        "--target",
        "Churn",
        "--work",
        "12",
        "--out",
        str(place / "telco"),
    )
    said = heldout(*arguments, "--quiet", "--json")
    assert said.code == 0, said.err
    return Made(place / "telco", data, said, arguments)


@pytest.fixture(scope="session")
def small(place: Path, heldout: Callable[..., Said]) -> Made:
    """1,200 made rows, sealed because it was asked for, logistic regression only."""
    columns = table()
    columns.pop("house")
    data = write(place / "small.csv", columns)
    arguments = (
        "run", str(data), "--target", "left", "--seal", "--models", "logistic", "--work", "5",
        "--out", str(place / "small"),
    )  # fmt: skip
    said = heldout(*arguments, "--quiet", "--json")
    assert said.code == 0, said.err
    return Made(place / "small", data, said, arguments)
