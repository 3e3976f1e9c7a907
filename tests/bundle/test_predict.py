"""Files and frames: one row out for each row in, in order, refusals told."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from heldout.bundle import Bundle, load
from heldout.bundle.predict import columns_of, guarded
from heldout.core.errors import HeldoutError
from heldout.tables.schema import Column, Schema
from heldout.tasks.task import Task
from small_bundles import REGRESSION

FRAME = pl.DataFrame(
    {
        "age": ["44", "old", "", "1e400", "30"],
        "plan": ["gold", "gold", "?", "platinum", "basic"],
        "member": ["yes", "no", "yes", "no", "maybe"],
        "since": ["2015-03-01", "2015-03-01", "", "2015-03-01", "not a day"],
        "name": ["a", "b", "c", "d", "e"],
    }
)


@pytest.fixture(scope="module")
def bundle(bundle_path: Path) -> Bundle:
    """A binary bundle."""
    return load(bundle_path)


@pytest.mark.requirement("DEPLOY-09")
def test_a_frame(bundle: Bundle) -> None:
    """Columns by their kept names; refused rows stand in their place with the reason."""
    told = bundle.predict(FRAME)
    frame = told.frame
    assert frame.columns == ["row", "left", "probability_no", "probability_yes", "refused"]
    assert frame["row"].to_list() == [0, 1, 2, 3, 4]
    assert frame["left"].is_null().to_list() == [False, True, False, False, True]
    assert frame["refused"].to_list()[::2][:2] == ["", ""]
    assert 'age: "old" is not a number' in frame["refused"][1]
    assert "member" in frame["refused"][4]
    assert "since" in frame["refused"][4]
    assert (told.rows, told.answered) == (5, 3)
    assert len({r.row for r in told.refused}) == 2


def test_a_row_alone_answers_as_in_the_file(bundle: Bundle) -> None:
    """The edge for one record and the edge for files are one rule."""
    frame = bundle.predict(FRAME).frame
    for i, record in enumerate(FRAME.to_dicts()):
        one = bundle.predict_row(record)
        assert one["prediction"] == frame["left"][i]
        assert (one["refused"] == "") == (frame["refused"][i] == "")
        if one["prediction"]:
            assert one["probability"]["yes"] == pytest.approx(
                frame["probability_yes"][i], abs=1e-12
            )


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_file(bundle: Bundle, tmp_path: Path, ending: str) -> None:
    """Written whole, line numbers told, the same answers as for the frame."""
    source, out = tmp_path / "new.csv", tmp_path / f"answers.{ending}"
    FRAME.write_csv(source)
    told = bundle.predict_file(source, out)
    read = pl.read_csv(out) if ending == "csv" else pl.read_parquet(out)
    expected = bundle.predict(FRAME).frame
    assert read["probability_yes"].to_list() == expected["probability_yes"].to_list()
    assert read["left"].to_list() == expected["left"].to_list()
    assert "line 3, age" in read["refused"][1]
    assert (told.rows, told.answered, told.path) == (5, 3, out)
    assert [p.name for p in tmp_path.iterdir() if p not in (source, out)] == []


def test_strict_refuses_all_and_writes_nothing(bundle: Bundle, tmp_path: Path) -> None:
    """H311, exit 3."""
    out = tmp_path / "answers.csv"
    with pytest.raises(HeldoutError) as caught:
        bundle.predict_file(FRAME, out, strict=True)
    assert (caught.value.code, caught.value.exit_code) == ("H311", 3)
    assert "old" in caught.value.seen
    assert list(tmp_path.iterdir()) == []
    bundle.predict(FRAME[[0, 2, 3]], strict=True)


def test_a_missing_column_and_its_new_name(bundle: Bundle) -> None:
    """H310; --rename mends it."""
    renamed = FRAME.rename({"age": "Age_Years"})
    with pytest.raises(HeldoutError) as caught:
        bundle.predict(renamed)
    assert (caught.value.code, caught.value.exit_code) == ("H310", 3)
    told = bundle.predict(renamed, rename={"Age_Years": "age"})
    assert told.frame.equals(bundle.predict(FRAME).frame)


def test_all_refused_and_none_at_all(bundle: Bundle) -> None:
    """Types stay the same."""
    expected = bundle.predict(FRAME).frame.schema
    refused = bundle.predict(FRAME[[1, 4]])
    assert refused.answered == 0
    assert refused.frame.schema == expected
    assert bundle.predict(FRAME[[1, 4, 0]]).frame.schema == expected


def test_another_threshold(bundle: Bundle) -> None:
    """From that probability on, by the rule of the graph."""
    frame = bundle.predict(FRAME).frame.drop_nulls("left")
    p = float(frame["probability_yes"].max())  # type: ignore[arg-type]
    assert bundle.predict(FRAME, threshold=p).frame["left"].to_list().count("yes") == 1
    assert "yes" not in bundle.predict(FRAME, threshold=min(1.0, p + 1e-9)).frame["left"].to_list()


def test_regression(made: Callable[..., Path]) -> None:
    """A number under the target's name."""
    bundle = load(made(REGRESSION))
    frame = bundle.predict(FRAME).frame
    assert frame.columns == ["row", "price", "refused"]
    assert frame["price"].dtype == pl.Float64
    assert frame["price"][0] == bundle.predict_row(FRAME.row(0, named=True))["prediction"]


@pytest.mark.parametrize("target", ["row", "refused", "probability_yes", "age"])
def test_a_target_named_like_a_column_of_the_output(made: Callable[..., Path], target: str) -> None:
    """No two columns of one name."""
    task = Task("binary", target, "roc_auc", True, classes=("no", "yes"), positive="yes")
    names = columns_of(load(made(task=task)))  # type: ignore[call-arg]
    assert len(set(names)) == len(names)
    assert names[1] in (target, f"predicted_{target}")


def test_text_that_a_spreadsheet_would_run_is_guarded(
    tmp_path: Path, made: Callable[..., Path]
) -> None:
    """In labels and in reasons; numbers stay numbers."""
    frame = pl.DataFrame({"=a": ["=cmd()", "+1", "-1.5e3", "@x", "-x", "\t=1", "fine", None]})
    told = guarded(frame)
    assert told.columns == ["'=a"]
    assert told["'=a"].to_list() == ["'=cmd()", "+1", "-1.5e3", "'@x", "'-x", "'\t=1", "fine", None]
    evil = ("no", "=HYPERLINK(1)")
    task = Task("binary", "left", "roc_auc", True, classes=evil, positive=evil[1])
    bundle = load(made(task=task))  # type: ignore[call-arg]
    out = tmp_path / "answers.csv"
    bundle.predict_file(FRAME, out, threshold=0.0)
    with out.open(newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert "'=HYPERLINK(1)" in cells
    assert not any(c.startswith(("=", "@")) for c in cells)


@pytest.mark.requirement("DEPLOY-03")
def test_many_rows_in_order_and_in_little_memory(bundle: Bundle, tmp_path: Path) -> None:
    """Three chunks of 50,000 rows; every row once, in order."""
    rows = 120_000
    big = pl.DataFrame(
        {
            "age": np.arange(rows) % 60 + 18.5,
            "plan": ["gold", "basic", "x"] * (rows // 3),
            "member": ["yes", "no"] * (rows // 2),
            "since": ["2015-03-01"] * rows,
        }
    )
    source, out = tmp_path / "big.csv", tmp_path / "answers.parquet"
    big.write_csv(source)
    told = bundle.predict_file(source, out)
    read = pl.read_parquet(out)
    assert told.rows == told.answered == rows
    assert read["row"].to_list() == list(range(rows))
    some = read[77_777]
    one = bundle.predict_row(big.row(77_777, named=True))
    assert some["probability_yes"][0] == pytest.approx(one["probability"]["yes"], abs=1e-12)


def test_columns_of_an_unused_schema_are_not_needed(bundle: Bundle) -> None:
    """Ignored columns may be absent."""
    assert "customer" not in bundle.schema
    assert isinstance(bundle.schema, Schema)
    assert isinstance(bundle.schema["age"], Column)
