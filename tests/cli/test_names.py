"""Columns with hostile names, from the table to the answers."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

NAMES = [
    "^a$", "*", "^.*$", "a", "(a|b", "[x]", "tab\tname", "new\nline", 'quo"te', "it's", "=1+1", "-x",
    "row", "refused", "probability_yes", "decision", "日本", "x" * 2_000, "a,b", "a=b", "#h",
    "null", "{{7*7}}", "<script>alert(1)</script>", "../up", "A", "$dollar", "\\back", "%s", "a",
    "", " ",
]  # fmt: skip


@pytest.mark.requirement("DATA-09")
def test_hostile_names_from_table_to_answers(tmp_path: Path, here: Any) -> None:
    """run, predict and inspect take any name; what is shown on pages is escaped."""
    rng = np.random.default_rng(0)
    table = tmp_path / "t.csv"
    with table.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow([*NAMES, "^left$"])
        for _ in range(80):
            cells: list[Any] = [
                str(rng.choice(["u", "v", "w"])) if j % 3 == 0 else f"{rng.normal():.3f}"
                for j in range(len(NAMES))
            ]
            left = "yes" if float(cells[1]) + rng.normal() / 3 > 0 else "no"
            out.writerow([*cells, left])
    folder = tmp_path / "run"
    said = here("run", table, "--target", "^left$", "--work", 1, "--out", folder, "--json")
    assert said.code in (0, 4), said.all
    answers = tmp_path / "answers.csv"
    said = here("predict", folder, table, "--out", answers, "--json")
    assert said.code == 0, said.all
    with answers.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 80
    assert {row["^left$"] for row in rows} <= {"yes", "no"}
    page = tmp_path / "page.html"
    said = here("inspect", table, "--target", "^left$", "--out", page, "--json")
    assert said.code == 0, said.all
    for made in (page, folder / "report.html"):
        text = made.read_text(encoding="utf-8")
        assert "<script>alert" not in text
        assert "49" not in text or "{{7*7}}" in text
