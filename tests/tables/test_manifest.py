"""Every delimited file of the data folder opens with nothing said, to the shape it has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from heldout.core.errors import HeldoutError
from heldout.tables.read import read

REFUSED = {"stacked": {"H207"}, "ragged": {"H206"}}


def entries(folder: Path) -> list[dict[str, Any]]:
    return list(json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["datasets"])


def is_table(entry: dict[str, Any]) -> bool:
    form = (entry.get("reader") or {}).get("format", "delimited")
    return form in ("delimited", "arff") and isinstance(entry.get("columns"), int)


@pytest.mark.requirement("DATA-05", "DATA-10")
def test_every_table_opens_to_its_shape_and_header(data_folder: Path) -> None:
    """84 delimited files and 3 ARFF files: rows, columns and header as the manifest has them."""
    wrong, opened = [], 0
    for entry in entries(data_folder):
        reader = entry.get("reader") or {}
        if not is_table(entry) or REFUSED.keys() & reader.keys():
            continue
        table = read(data_folder / entry["path"])
        opened += 1
        found = (table.rows, len(table.schema), table.guesses.get("header") != "no")
        if found != (entry["rows"], entry["columns"], reader.get("has_header", True)):
            wrong.append((entry["path"], found))
    assert not wrong
    assert opened > 75


def test_what_is_no_table_is_refused_with_the_reason(data_folder: Path) -> None:
    """Baskets and stacked tables are not filled up with blanks."""
    seen = 0
    for entry in entries(data_folder):
        for word in REFUSED.keys() & (entry.get("reader") or {}).keys():
            with pytest.raises(HeldoutError) as caught:
                read(data_folder / entry["path"])
            assert caught.value.code in REFUSED[word]
            assert caught.value.exit_code == 3
            seen += 1
    assert seen == 2


@pytest.mark.requirement("DATA-05")
def test_missing_cells_are_counted_as_in_the_manifest(data_folder: Path) -> None:
    """Markers of the manifest, on tables whose only markers are blanks, "?" and "nan"."""
    for entry in entries(data_folder):
        markers = set(entry.get("missing") or [])
        if entry["name"] not in ("telco_churn", "adult", "titanic3", "heart_cleveland", "penguins"):
            continue
        assert markers <= {"", " ", "?", "nan"}
        table = read(data_folder / entry["path"])
        assert sum(c.nulls for c in table.schema) == entry["missing_cells"], entry["name"]


@pytest.mark.requirement("DATA-09")
def test_kinds_of_real_columns(data_folder: Path) -> None:
    """The traps of the real tables: codes with zeros, levels called None and NA, ids, dates."""

    def kind(path: str, name: str) -> tuple[str, str]:
        column = read(data_folder / path).schema[name]
        return column.kind, column.role

    telco = read(data_folder / "tables/binary/telco_churn.csv")
    assert (telco.schema["customerID"].role, telco.schema["TotalCharges"].kind) == (
        "ignored",
        "number",
    )
    assert telco.schema["TotalCharges"].nulls == 11
    assert "TotalCharges: 11 blanks read as missing, the rest as numbers." in telco.notes
    assert telco.schema["SeniorCitizen"].kind == "number"
    ames = read(data_folder / "tables/regression/ames_housing.tsv").schema
    assert "NA" in ames["Alley"].levels and "None" in ames["Mas Vnr Type"].levels
    assert ames["MS SubClass"].kind == "category" and "020" in ames["MS SubClass"].levels
    assert ames["PID"].role == ames["Order"].role == "ignored"
    assert (ames["Lot Frontage"].kind, ames["Lot Frontage"].nulls) == ("number", 490)
    assert kind("tables/binary/horse_colic.csv", "column_24") == ("category", "input")
    assert kind("tables/binary/magic_telescope.csv", "ID") == ("number", "ignored")
    assert kind("series/walmart_stores.csv", "Weekly_Sales") == ("number", "input")
    walmart = read(data_folder / "series/walmart_stores.csv")
    assert walmart.schema["Date"].formats == ("%d-%m-%Y",)
    assert str(walmart.frame["Date"].min()) == "2010-02-05 00:00:00"
    assert kind("series/airline_passengers.csv", "Month")[0] == "date"
    assert kind("series/tourism.csv", "Quarter")[0] == "date"
    assert kind("tables/regression/lending_club_raw.csv", "issue_month")[0] == "date"
    assert kind("series/shampoo.csv", "Month")[0] == "category"
    german = read(data_folder / "tables/binary/german_credit.csv")
    assert (
        german.guesses["quote"] == "'"
        and "no known savings" in german.schema["savings_status"].levels
    )
    assert kind("tables/binary/mammography.csv", "column_6") == ("number", "input")
    assert kind("text/bbc_news.csv", "Text") == ("text", "input")
