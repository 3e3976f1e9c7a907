"""A frame, its CSV, its Parquet and its Arrow file are one table."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from heldout.tables.read import read
from heldout.tables.table import Table

N = 60


def frame() -> pl.DataFrame:
    start = datetime.datetime(2024, 2, 27, 23, 30, 0, 250_000)  # noqa: DTZ001
    return pl.DataFrame(
        {
            "whole": [i % 7 for i in range(N)],
            "wholefloat": [None if i % 9 == 0 else float(i % 5) for i in range(N)],
            "real": [None if i % 11 == 0 else i / 7 - 3 for i in range(N)],
            "single": pl.Series([0.1 * i for i in range(N)], dtype=pl.Float32),
            "huge": [1e300 * (i % 3) for i in range(N)],
            "flag": [None if i % 10 == 0 else i % 3 == 0 for i in range(N)],
            "words": [None if i % 8 == 0 else ("red", "green", " blue ")[i % 3] for i in range(N)],
            "enum": pl.Series([("a", "b")[i % 2] for i in range(N)], dtype=pl.Enum(["b", "a"])),
            "when": [start + datetime.timedelta(hours=7 * i) for i in range(N)],
            "day": [datetime.date(1969, 12, 1) + datetime.timedelta(days=i) for i in range(N)],
            "clock": [datetime.time(i % 24, i % 60) for i in range(N)],
            "key": [f"k{i}" for i in range(N)],
        }
    )


def same(a: Table, b: Table) -> None:
    assert a.schema == b.schema
    for name in a.schema.names:
        x, y = a.arrays([name])[name], b.arrays([name])[name]
        assert x.dtype == y.dtype
        np.testing.assert_array_equal(x, y)


@pytest.mark.requirement("DATA-09", "DATA-10")
@pytest.mark.parametrize("form", ["csv", "parquet", "ipc", "ipc_stream", "dict", "capsule"])
def test_a_frame_and_its_files_are_one_table(tmp_path: Path, form: str) -> None:
    first = read(frame())
    assert [c.kind for c in first.schema] == [
        *["number"] * 5, "boolean", "category", "category", *["date"] * 3, "category",
    ]  # fmt: skip
    path = tmp_path / "x.dat"
    if form in ("dict", "capsule"):
        source: object = frame().to_dict(as_series=False) if form == "dict" else Capsule(frame())
        if form == "dict":
            source["single"] = frame()["single"].to_numpy()  # type: ignore[index]
    else:
        getattr(frame(), f"write_{form}")(path)
        source = path
    same(first, read(source))


class Capsule:
    """Nothing but the Arrow interface, as any other library would offer it."""

    def __init__(self, held: pl.DataFrame) -> None:
        self.held = held

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.held.__arrow_c_stream__(requested_schema)


@pytest.mark.requirement("DATA-10")
def test_the_arrays_have_the_dtypes_that_the_graph_takes() -> None:
    table = read(frame())
    arrays = table.arrays(table.schema.names)
    kinds = {c.name: c.kind for c in table.schema}
    for name, array in arrays.items():
        wanted = {"number": np.float64, "boolean": np.float64, "date": np.int64, "category": object}
        assert array.dtype == wanted[kinds[name]] and array.shape == (N,), name
    assert np.isnan(arrays["wholefloat"][0]) and arrays["words"][0] == "\x01null"
    assert list(table.arrays()) == [c.name for c in table.schema.inputs]
    assert table.schema["wholefloat"].whole and not table.schema["real"].whole
    assert table.take(np.array([2, 0])).frame["whole"].to_list() == [2, 0]


def test_pandas_and_arrow() -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    plain = frame().drop("clock")
    same(read(plain), read(plain.to_arrow()))
    made = pandas.DataFrame(
        {"a": [1, 2, None] * 6, "b": ["x", None, "y"] * 6, "c": [1, "x", 2.5] * 6},
        index=range(5, 23),
    )
    table = read(made)
    assert table.schema.names == ["a", "b", "c"]
    assert table.schema["a"].whole and table.schema["a"].nulls == 6
    assert table.schema["c"].levels == ("1", "2.5", "x")
    mixed = {"t": [pandas.Timestamp("2020-01-01"), pandas.NaT], "n": [pandas.NA, 3], "o": [1, "x"]}
    table = read(pandas.DataFrame({k: pandas.Series(v, dtype=object) for k, v in mixed.items()}))
    assert table.frame.select("t", "n").null_count().row(0) == (1, 1)


def test_columns_that_hold_no_single_values_are_ignored_and_said() -> None:
    table = read({"a": pl.Series([[1], [2]]), "b": [1, 2]})
    assert table.schema["a"].role == "ignored" and "List" in table.notes[0]


def test_infinities_and_numpy_columns() -> None:
    table = read(
        {"a": np.array([1.0, np.inf, np.nan, -np.inf]), "b": np.array(["x", "y", "x", "y"])}
    )
    np.testing.assert_array_equal(table.arrays(["a"])["a"], [1, np.inf, np.nan, -np.inf])
    assert (table.schema["a"].nulls, table.schema["a"].low) == (1, 1.0)
    zoned = pl.Series([datetime.datetime(2020, 1, 1, 12)] * 3).dt.replace_time_zone("Europe/Berlin")  # noqa: DTZ001
    assert read({"a": zoned, "b": [1, 2, 3]}).arrays(["a"])["a"][0] == 1577876400000000
