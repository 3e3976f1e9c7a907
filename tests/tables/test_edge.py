"""One rule, two implementations: shared vectors, and Hypothesis on hostile cells."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from importlib import resources
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from heldout.bundle.edge import Edge, row
from heldout.core.errors import HeldoutError
from heldout.tables.answering import chunks
from heldout.tables.schema import NULL, NULL_DATE, Column, Schema

VECTORS = json.loads(
    resources.files("heldout.tables").joinpath("edge_vectors.json").read_text("utf-8")
)


def made(columns: list[dict[str, Any]]) -> dict[str, Column]:
    schema = Schema.from_dict(columns)
    return {c.name: c for c in schema}


COLUMNS = made(VECTORS["columns"])


def plain(column: Column, value: Any) -> object:
    """As the vectors write it: None for missing."""
    if column.kind == "date":
        return None if value == NULL_DATE else str(int(value))
    if column.kind in ("category", "text"):
        return None if value == NULL else value
    value = float(value)
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return None if math.isnan(value) else value


def one(column: Column, cell: object) -> object:
    arrays, refused = Edge(Schema((column,))).row({column.name: cell})
    return "refused" if refused else plain(column, arrays[column.name][0])


def bulk(column: Column, cells: list[Any]) -> list[object]:
    """The same by the bulk way, from a dict of columns."""
    out: list[object] = []
    for chunk in chunks({column.name: cells}, Schema((column,)), rows=7):
        values: list[object] = ["refused"] * chunk.rows
        for at, value in zip(chunk.accepted, chunk.columns[column.name], strict=True):
            values[int(at) - chunk.start] = plain(column, value)
        out += values
    return out


def wanted(vector: dict[str, Any]) -> object:
    return "refused" if vector.get("refused") else vector.get("value")


@pytest.mark.requirement("DATA-09")
@pytest.mark.parametrize("name", COLUMNS)
def test_the_vectors_one_by_one_and_in_bulk(name: str) -> None:
    column = COLUMNS[name]
    vectors = [v for v in VECTORS["vectors"] if v["column"] == name]
    assert len(vectors) >= 4
    for vector in vectors:
        assert one(column, vector["cell"]) == wanted(vector), vector
    # A frame holds no surrogates and no lists; JSON does.
    texts = [v for v in vectors if v["cell"] is None or isinstance(v["cell"], str)]
    texts = [v for v in texts if v["cell"] != "\ud800"]
    assert bulk(column, [v["cell"] for v in texts]) == [wanted(v) for v in texts]


PIECES = st.sampled_from(
    [
        *"0123456789",
        ".",
        ",",
        "-",
        "+",
        "e",
        "E",
        " ",
        "\t",
        "\xa0",
        "\u2003",
        "/",
        ":",
        "T",
        "Z",
        "inf",
        "nan",
        "NA",
        "?",
        "yes",
        "No",
        "$",
        "%",
        "é",
        "é",
        "İ",
        "\ufeff",
        "١",
        "\x01null",
        "2026-11-23",
        "23/11/2026",
        "Nov",
        "Q1",
        "1e308",
        "1e999",
        "5e-324",
        "\n",
        "\x00",
        "null",
        "None",
        "_",
        "0x",
        "🙂",
        "18:30",
        "+02:00",
    ]
)
CELLS = st.lists(
    st.one_of(st.none(), st.text(max_size=6), st.lists(PIECES, max_size=5).map("".join)),
    min_size=1,
    max_size=30,
)


@settings(max_examples=60, deadline=None)
@given(cells=CELLS)
@example(
    cells=[
        "1.7976931348623159e308",
        "0." + "0" * 400 + "1",
        "1" * 400,
        "9007199254740993",
        "2.5e-324",
    ]
)
def test_bulk_and_single_agree_on_hostile_cells(cells: list[str | None]) -> None:
    """Whatever a cell holds, both ways give the same bits or both refuse."""
    for column in COLUMNS.values():
        assert bulk(column, list(cells)) == [one(column, cell) for cell in cells], column.name


@settings(max_examples=100, deadline=None)
@given(
    values=st.lists(
        st.floats(allow_nan=True, allow_infinity=True, width=64), min_size=1, max_size=20
    )
)
def test_every_double_survives_the_way_through_text(values: list[float]) -> None:
    """Training reads text first: no bit of a number may be lost on the way."""
    column = COLUMNS["number"]
    schema = Schema((column,))
    frames = (pl.DataFrame({"number": values}), {"number": [repr(v) for v in values]})
    for source in frames:
        got = np.concatenate([c.columns["number"] for c in chunks(source, schema)])
        np.testing.assert_array_equal(got, np.array(values))
    single = [Edge(schema).row({"number": v})[0]["number"][0] for v in values]
    np.testing.assert_array_equal(np.array(single), np.array(values))


@settings(max_examples=100, deadline=None)
@given(moment=st.datetimes())
def test_dates_agree_with_the_standard_library(moment: Any) -> None:
    from datetime import UTC, datetime, timedelta

    micros = (moment.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(
        microseconds=1
    )
    for text in (moment.isoformat(), moment.isoformat(" ") + "Z", moment):
        assert one(COLUMNS["date"], text) == str(micros)


def test_a_record_without_a_needed_field_is_told() -> None:
    schema = Schema((Column("tenure", "number"), Column("sex", "category")))
    with pytest.raises(HeldoutError) as caught:
        row({"Tenure": 3, "sex": "m"}, schema)
    assert caught.value.code == "H310" and '"Tenure"' in caught.value.seen
    arrays, refused = row({"tenure": None, "sex": "m", "more": [1]}, schema)
    assert not refused and np.isnan(arrays["tenure"][0])


def test_a_refused_value_is_told_with_what_was_expected() -> None:
    arrays, refused = row({"x": "soon"}, Schema((Column("x", "date", formats=("%d/%m/%Y",)),)))
    assert refused[0].text() == 'row 0, x: "soon" is not a date like 23/11/2026'
    assert arrays["x"][0] == NULL_DATE


def test_answering_one_record_loads_no_polars() -> None:
    code = (
        "import sys; from heldout.bundle.edge import row; from heldout.tables.schema import *\n"
        "row({'a': '1', 'b': 'yes', 'c': 'x', 'd': '2020-01-01'}, Schema((Column('a','number'),"
        "Column('b','boolean',levels=('no','yes')),Column('c','category'),Column('d','date'))))\n"
        "assert 'polars' not in sys.modules and 'sklearn' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    light = "import sys, heldout.tables.schema; assert not {'polars', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", light], check=True)
