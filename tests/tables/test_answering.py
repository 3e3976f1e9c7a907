"""New data: chunks, refused rows with their lines, missing columns with a guess."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heldout.core.errors import HeldoutError
from heldout.tables import stream
from heldout.tables.answering import Chunk, chunks
from heldout.tables.read import read
from heldout.tables.schema import Schema

ROWS = 90


def text(delimiter: str = ",", blank: bool = False) -> str:
    rows = [
        f"{i % 73}{delimiter}{('m', 'f')[i % 2]}{delimiter}2024-01-{i % 28 + 1:02}{delimiter}{i / 4}"
        for i in range(ROWS)
    ]
    return (
        "\n".join([delimiter.join(("tenure", "sex", "day", "charge")), *rows, *[""] * blank]) + "\n"
    )


def put(folder: Path, data: str | bytes, name: str = "new.csv") -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


@pytest.fixture
def schema(tmp_path: Path) -> Schema:
    return read(put(tmp_path, text(), "train.csv")).schema


def joined(found: list[Chunk], name: str) -> np.ndarray:  # type: ignore[type-arg]
    return np.concatenate([c.columns[name] for c in found])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", " "])
@pytest.mark.parametrize("size", [7, 50_000])
def test_chunks_give_what_reading_gives(tmp_path: Path, delimiter: str, size: int) -> None:
    path = put(tmp_path, text(delimiter, blank=True))
    table = read(path)
    found = list(chunks(path, table.schema, rows=size))
    assert sum(c.rows for c in found) == ROWS and max(c.rows for c in found) <= size
    for name, array in table.arrays().items():
        np.testing.assert_array_equal(joined(found, name), array)
    np.testing.assert_array_equal(np.concatenate([c.accepted for c in found]), np.arange(ROWS))
    assert pl.concat([c.extra for c in found])["sex"].to_list()[:2] == ["m", "f"]


def test_refused_cells_have_row_line_column_value_and_expectation(
    tmp_path: Path, schema: Schema
) -> None:
    body = (
        'note,tenure,sex,day,charge\n"two\nlines",5,m,2024-01-05,1\n\nx,soon,m,2024-01-05,1\n'
        "x,7,z,31/12/2024,n/a\nx,8,m,,2\nx,9,m\nx,,f,2024-01-01,3\n"
    )
    (chunk,) = chunks(put(tmp_path, body), schema)
    assert [(r.row, r.line, r.column, r.value) for r in chunk.refused] == [
        (1, 5, "tenure", "soon"),
        (2, 6, "day", "31/12/2024"),
        (4, 8, "", "x,9,m"),
    ]
    assert chunk.refused[0].expected.startswith("a number")
    assert "2026-11-23" in chunk.refused[1].expected
    assert "3 fields, not 5" in chunk.refused[2].text()
    assert (chunk.rows, chunk.accepted.tolist()) == (6, [0, 3, 5])
    np.testing.assert_array_equal(chunk.columns["tenure"], [5, 8, np.nan])
    assert chunk.extra.height == 6 and chunk.extra["tenure"][1] == "soon"
    assert chunk.labels("sex").to_list() == ["m", "m", "f"]


def test_an_unseen_level_is_accepted(schema: Schema) -> None:
    (chunk,) = chunks(
        {"tenure": [1], "sex": ["other"], "day": ["2024-01-01"], "charge": [1]}, schema
    )
    assert chunk.columns["sex"].tolist() == ["other"] and not chunk.refused


def test_nul_characters_are_refused(schema: Schema) -> None:
    (chunk,) = chunks(
        {"tenure": [1, 2], "sex": ["m\0", "f"], "day": [None, ""], "charge": [1, 1]}, schema
    )
    assert [r.column for r in chunk.refused] == ["sex"] and chunk.accepted.tolist() == [1]


@pytest.mark.requirement("DATA-05")
def test_a_missing_column_is_told_with_the_likeliest_new_name(
    tmp_path: Path, schema: Schema
) -> None:
    renamed = put(tmp_path, text().replace("tenure", "Tenure_Months"), "march.csv")
    with pytest.raises(HeldoutError) as caught:
        next(chunks(renamed, schema))
    error = caught.value
    assert (error.code, error.exit_code) == ("H310", 3)
    assert error.what == 'march.csv lacks "tenure", one of the 4 columns the model needs'
    assert error.seen == (
        '4 columns; "Tenure_Months" has whole numbers from 0 to 72, much like "tenure" in training (0 to 72)'
    )
    assert error.do[0].endswith("--rename Tenure_Months=tenure")
    (chunk,) = chunks(renamed, schema, rename={"Tenure_Months": "tenure"})
    assert not chunk.refused and len(chunk.accepted) == ROWS
    gone = put(tmp_path, text().replace("sex", "q").replace("charge", "w"))
    with pytest.raises(HeldoutError) as caught:
        next(chunks(gone, schema, bundle="runs/march"))
    assert '"sex", "charge": 2 of the 4 columns' in caught.value.what
    command = f"heldout retrain runs/march {gone} --drop sex --drop charge"
    assert caught.value.do[-1].endswith(command)


def test_more_columns_in_another_order_do_not_matter(tmp_path: Path, schema: Schema) -> None:
    frame = pl.read_csv(put(tmp_path, text())).select(
        "charge", pl.lit("x").alias("more"), "day", "sex", "tenure"
    )
    expected = read(put(tmp_path, text())).arrays()
    for source in (frame, written(frame, tmp_path)):
        found = list(chunks(source, schema, rows=40))
        assert [c.rows for c in found] == [40, 40, 10]
        for name, array in expected.items():
            np.testing.assert_array_equal(joined(found, name), array)


def written(frame: pl.DataFrame, folder: Path) -> Path:
    frame.write_parquet(folder / "new.parquet")
    return folder / "new.parquet"


def test_one_row_with_its_header(tmp_path: Path, schema: Schema) -> None:
    """Names that the model knows make a header, even above words alone."""
    path = put(tmp_path, "sex,tenure,day,charge\nm,,,\n")
    (chunk,) = chunks(path, schema)
    assert chunk.rows == 1 and chunk.columns["sex"].tolist() == ["m"]


def test_files_without_header_stay_so(tmp_path: Path) -> None:
    table = read(put(tmp_path, "1,a\n2,b\n" * 5))
    (chunk,) = chunks(put(tmp_path, "x,a\n2,b\n"), table.schema)
    assert [r.row for r in chunk.refused] == [0] and chunk.accepted.tolist() == [1]


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    cells=st.lists(
        st.tuples(st.integers(0, 99), st.sampled_from(["a", "b, c", 'd "e"', "f\ng", "", "é" * 9])),
        min_size=2,
        max_size=40,
    ),
    size=st.integers(5, 200),
)
def test_blocks_may_end_anywhere(tmp_path: Path, cells: list[tuple[int, str]], size: int) -> None:
    """Whatever the size of the blocks: the same rows, with the same lines."""
    import csv
    import io

    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([("n", "word"), *cells])
    path = put(tmp_path, out.getvalue())
    schema = Schema.from_dict(
        [{"name": "n", "kind": "number"}, {"name": "word", "kind": "category"}]
    )
    whole = list(chunks(path, schema))
    with pytest.MonkeyPatch.context() as patch:
        blocks = stream.blocks
        patch.setattr(stream, "blocks", lambda p, e: blocks(p, e, 4096 + size))
        parts = list(chunks(path, schema, rows=size))
    assert [c.rows for c in whole] == [len(cells)]
    np.testing.assert_array_equal(joined(parts, "n"), [n for n, _ in cells])
    assert joined(parts, "word").tolist() == joined(whole, "word").tolist()


def test_long_files_are_cut_between_rows(
    tmp_path: Path, schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Blocks of 700 bytes: 20 of them, a quoted line end and a bad cell in the middle."""
    head, *rows = text().splitlines()
    rows = [row + ',"a\nb"' for row in rows]
    rows[50] = rows[50].replace(",m,", ",m\0,").replace(",f,", ",f\0,")
    path = put(tmp_path, "\n".join([head + ",note", *rows]) + "\n")
    blocks = stream.blocks
    monkeypatch.setattr(stream, "blocks", lambda p, e: blocks(p, e, 700))
    found = list(chunks(path, schema))
    assert sum(c.rows for c in found) == ROWS and len(found) > 3
    (refused,) = [r for c in found for r in c.refused]
    assert (refused.row, refused.line) == (50, 2 + 2 * 50)


def test_quotes_within_fields_in_a_later_block(
    tmp_path: Path, schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the fast way cannot divide is read the slow way, from the row on that was reached."""
    head, *rows = text().splitlines()
    rows = [f'{row},"a, b"' for row in rows]
    rows[60] = rows[60].replace('"a, b"', '5" wide')
    path = put(tmp_path, "\n".join([head + ",note", *rows]) + "\n")
    blocks = stream.blocks
    monkeypatch.setattr(stream, "blocks", lambda p, e: blocks(p, e, 700))
    found = list(chunks(path, schema))
    assert len(found) > 2 and not any(c.refused for c in found)
    np.testing.assert_array_equal(np.concatenate([c.accepted for c in found]), np.arange(ROWS))
    assert pl.concat([c.extra for c in found])["note"][60] == '5" wide'


def test_a_header_without_rows_is_told(tmp_path: Path, schema: Schema) -> None:
    with pytest.raises(HeldoutError) as caught:
        list(chunks(put(tmp_path, text().splitlines()[0] + "\n"), schema))
    assert caught.value.code == "H204"


def test_known_answers_are_read_as_in_training() -> None:
    """`evaluate` said that 199 of 199 rows were without a known answer: 1.865,45 is one."""
    learned = read({"turnover": ["1.865,45", "95,5", "?"] * 5, "a": ["1", "2", "3"] * 5})
    schema = learned.schema.with_roles({"turnover": "target"}, "a test")
    assert schema["turnover"].decimal == ","
    new = next(chunks({"turnover": ["2.000,5", "7", "?", "", "lots"], "a": ["1"] * 5}, schema))
    assert new.labels("turnover").to_list() == ["2000.5", "7.0", None, None, "lots"]
