"""A column may be called anything: patterns of Polars, quotes, line ends, nothing at all."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heldout.bundle.predict import guarded
from heldout.tables.answering import chunks
from heldout.tables.read import read
from heldout.tables.sample import row_hashes
from heldout.tables.summary import summary
from heldout.tables.together import correlations, missing_along, over_time

SOURCE = Path(__file__).resolve().parent.parent.parent / "src" / "heldout"
PATTERNS = ["^a$", "^.*$", "*", "^$", "(a|b", "[x", "a.b", "\\", "$a", "{a}", "%s"]
ODD = [
    "",
    " ",
    "a\nb",
    'a"b',
    "a'b",
    "a,b",
    "a=b",
    "row",
    "refused",
    "ü",
    "日本",
    "x" * 3_000,
    "cells",
]
VALUES = (
    [1.5, 2.5, None, 4.0] * 6,
    ["u", "v", None, "w"] * 6,
    ["2020-01-01", "2020-02-01", None, "2021-03-04"] * 6,
    ["yes", "no", "no", None] * 6,
)
any_name = st.one_of(st.sampled_from(PATTERNS + ODD), st.text(max_size=8))


@pytest.mark.requirement("DATA-09")
@settings(max_examples=25, deadline=None, derandomize=True)
@given(names=st.lists(any_name, min_size=2, max_size=6, unique=True))
def test_any_names_are_read_counted_and_answered(names: list[str]) -> None:
    """Each column gets a name of its own, and its cells are those that were given."""
    source = {name: VALUES[i % 4] for i, name in enumerate(names)}
    table = read(source)
    found = table.schema.names
    assert len(set(found)) == len(found) == len(names)
    assert [c.kind for c in table.schema] == [
        ("number", "category", "date", "boolean")[i % 4] for i in range(len(names))
    ]
    for name in found:
        assert summary(table, name).missing == 6
    assert missing_along(table, found).shape == (len(names), 20)
    assert correlations(table, [found[0]]).shape == (1, 1)
    if len(names) > 2:
        assert over_time(table, found[2], [found[0]]) is not None
    assert len(row_hashes(table.frame)) == 24
    arrays = table.arrays(found)
    for chunk in chunks(dict(zip(found, source.values(), strict=True)), table.schema):
        for name, values in chunk.columns.items():
            np.testing.assert_array_equal(values, arrays[name])


def test_names_in_a_file(tmp_path: Path) -> None:
    """Stripped, doubled names told apart, names that are missing made."""
    names = [*PATTERNS, *ODD, "^a$"]
    with (tmp_path / "t.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(names)
        out.writerows([[i * (j + 1) % 17 for j in range(len(names))] for i in range(30)])
    table = read(tmp_path / "t.csv")
    assert len(table.schema) == len(set(table.schema.names)) == len(names)
    assert table.schema.names[:11] == PATTERNS
    assert table.schema.names[-1] == "^a$_2"
    assert any("came twice" in note for note in table.notes)
    assert any("without a name" in note for note in table.notes)


def test_text_that_runs_in_a_spreadsheet_is_guarded_under_any_name() -> None:
    """By cells: a name such as ^a$ is no pattern."""
    frame = guarded(
        pl.DataFrame({"^a$": ["@x", "y", None], "a": ["=1", "-3", "z"], "=b": [1, 2, 3]})
    )
    assert frame.columns == ["^a$", "a", "'=b"]
    assert frame["^a$"].to_list() == ["'@x", "y", None]
    assert frame["a"].to_list() == ["'=1", "-3", "z"]


def test_no_column_is_found_by_a_pattern() -> None:
    """pl.col(name) takes patterns; columns of people are taken by heldout.tables.unnamed."""
    for path in SOURCE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"pl\.col\((?![\"'])", text), path
        assert not re.search(r"(?<!pl)\.select\((?!pl\.)", text), path
