"""`heldout inspect` shows columns, findings and pictures, and never looks at rows that would be
sealed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import heldout
from heldout.cli.main import heldout as command
from heldout.core.seed import Seed
from heldout.splits.protocol import plan as make_plan
from heldout.splits.samples import make_samples
from heldout.tables.read import read
from heldout.workflow import inspection as room
from heldout.workflow.define import stated, with_roles
from heldout.workflow.inspect import inspect
from heldout.workflow.inspection import inspection
from heldout.workflow.spec import resolve


def people(rows: int = 400) -> pl.DataFrame:
    """A small table with every kind of column, a map, a time, and names that must be escaped."""
    rng = np.random.default_rng(0)
    age = rng.normal(40, 10, rows)
    days = pl.date(2024, 1, 1) + pl.duration(days=pl.arange(0, rows))
    frame = pl.DataFrame(
        {
            "age": age.round(1),
            "<b>town": rng.choice(["Oslo", "<script>alert(1)</script>"], rows),
            "lat": rng.uniform(46, 48, rows),
            "lon": rng.uniform(7, 9, rows),
            "gaps": [None if i % 3 == 0 else float(i % 17) for i in range(rows)],
            "note": [f"the visitor number {i} said that all was well & good" for i in range(rows)],
            "ill": np.where(age + rng.normal(0, 8, rows) > 45, "yes", "no"),
        }
    )
    return frame.with_columns(days.dt.strftime("%Y-%m-%d").alias("day"))


@pytest.mark.requirement("DATA-05", "DATA-07", "DATA-09", "DATA-15")
def test_a_leak_is_told_first(data_folder: Path, tmp_path: Path) -> None:
    """The lifeboat of the Titanic, with its evidence."""
    data = str(data_folder / "tables/binary/titanic3.csv")
    told = inspect({"data": data, "target": "survived"}, str(tmp_path / "page.html"))
    first = told.values["findings"][0]
    assert first["severity"] == "block"
    assert first["where"] == ("boat",)
    assert "LEAK      `boat`" in told.text
    assert "body" in told.text
    assert told.values["skills"][0]["column"] == "boat"
    page = (tmp_path / "page.html").read_text("utf-8")
    places = [
        page.index(w) for w in ("<code>boat</code>", "level_variants", '<section id="columns"')
    ]
    assert places == sorted(places)


def test_without_a_target_the_structure_is_told(
    data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kinds, parts and missing values of every column; the page is beside, and named last."""
    monkeypatch.chdir(tmp_path)
    told = inspect({"data": str(data_folder / "tables/binary/telco_churn.csv")})
    assert told.values["rows"] == 7043
    assert "TotalCharges: 11 blanks read as missing" in told.text
    assert "customerID" in told.text
    assert told.text.endswith("telco_churn-inspect.html")
    assert (tmp_path / "telco_churn-inspect.html").exists()


@pytest.mark.requirement("DATA-01", "DATA-02", "DATA-03", "DATA-04", "DATA-05")
def test_the_page_shows_all_of_it() -> None:
    """Histograms with ranges, class counts, rows, gaps, correlations, a map, time: each with its
    sentence; nothing from the data is markup."""
    found = inspection(people(), "ill", seed=0)
    page = found.page()
    for told in (
        "The target: ill",
        "A few rows",
        "Rank correlations",
        "lat and lon on a map",
        "Rows by day",
        "How much is missing",
        "Where in the file it is missing",
        "134 missing (34 %)",
        "standard deviation",
        "contains rows from your data",
    ):
        assert told in page, told
    assert re.search(r"Not balanced|classes are balanced", page)
    assert "<script>alert" not in page
    assert "<b>town" not in page
    counted = found.summary("ill")
    assert counted is not None
    assert sum(n for _, n in counted.levels) == found.open_rows


def test_sealed_rows_stay_shut() -> None:
    """The answers of sealed rows can be anything: the page stays the same, letter by letter. (The
    seal is the end of the time here, since elsewhere it is drawn in strata of the target.)"""
    rng = np.random.default_rng(0)
    frame = people(6000).drop("ill", "note", "gaps", "<b>town")
    y = (3 * frame["age"].to_numpy() + rng.normal(0, 9, 6000)).round(2)
    frame = frame.with_columns(y=pl.Series(y))
    table, spec = read(frame), resolve({"target": "y", "time": "day"})
    table = table.with_schema(with_roles(table.schema, spec))
    task = stated(table, spec)
    plan = make_plan(make_samples(table, task), y, task, Seed(0))
    assert len(plan.sealed) > 100
    y[plan.sealed] = rng.permutation(y[plan.sealed])
    other = frame.with_columns(y=pl.Series(y))
    first, second = (inspection(f, "y", time="day") for f in (frame, other))
    assert first.open_rows == len(plan.open) == first.looked_at
    assert first.page() == second.page()


def test_no_row_is_shown_where_none_may() -> None:
    """Contract 17: no rows, no places, no ends."""
    frame = people()
    page = inspection(frame, "ill", rows=False).page()
    assert "shows no row of your data" in page
    assert "A few rows" not in page
    assert "on a map" not in page
    assert "visitor number" not in page
    one = pl.DataFrame(
        {"town": ["Oslo"] * 40 + ["Rome"] * 39 + ["Atlantis ", "atlantis"], "x": range(81)}
    )
    shown, hid = (inspection(one, rows=r) for r in (True, False))
    assert "tlantis" in repr(shown)
    for told in (hid.page(), repr(hid), json.dumps(hid.as_dict())):
        assert "tlantis" not in told


def test_many_rows_are_drawn_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Columns are counted over all rows, the rest on drawn ones; equal rows are drawn together."""
    monkeypatch.setattr(room, "MOST_STRUCTURE", 500)
    monkeypatch.setattr(room, "MOST_ROWS", 200)
    frame = people(1500).drop("note")
    found = inspection(frame)
    assert 100 < found.looked_at < 900
    assert found.summary("age").rows == 1500  # type: ignore[union-attr]
    assert "rows, drawn by what they say" in found.page()
    table = room.fewer(read(pl.concat([frame, frame])), 600)
    assert table.rows % 2 == 0


def test_in_python_and_in_a_notebook(tmp_path: Path) -> None:
    """`heldout.inspect` gives an object that shows itself and writes its page."""
    found = heldout.inspect(people(), target="ill")
    assert found._repr_html_().startswith("<iframe")
    assert "Look at" in repr(found) or "Note" in repr(found)
    assert found.write(tmp_path / "a.html").read_text("utf-8") == found.page()
    json.dumps(found.as_dict())


def test_the_command_writes_json_and_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One JSON object; the page where --out says."""
    monkeypatch.chdir(tmp_path)
    people(120).write_csv("people.csv")
    command(
        ["inspect", "people.csv", "--json", "--no-rows", "--out", "a/b.html"], standalone_mode=False
    )
    told = json.loads(capsys.readouterr().out)
    assert told["page"] == "a/b.html"
    assert told["summaries"][0]["name"] == "age"
    assert "low" not in told["summaries"][0]
    assert (tmp_path / "a/b.html").exists()
