"""Odd files that people have, and damaged ones: they open as meant, or are told in words."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heldout.core.errors import HeldoutError
from heldout.tables.formats.zip import _is_file
from heldout.tables.read import pieces, read
from small_files import MAKERS

BODY = "".join(f"{i},{i}.5,w{i % 3}\n" for i in range(20))
NAMES = ["a", "b", "c"]


def put(folder: Path, data: bytes | str) -> Path:
    path = folder / "data.csv"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


@pytest.mark.requirement("DATA-09")
@pytest.mark.parametrize(
    ("data", "names", "rows"),
    [
        ("a,b,c\n" + BODY + "\x1a", NAMES, 20),
        (b"a,b,c\n" + BODY.encode() + b"\0" * 5000, NAMES, 20),
        ("sep=,\na,b,c\n" + BODY, NAMES, 20),
        ("sep=;\na;b;c\n" + BODY.replace(",", ";"), NAMES, 20),
        ("Report of 2020\nmade by hand\n\na,b,c\n" + BODY, NAMES, 20),
        ('"Data","x",\n\n"Updated","2020-01-01",\n\n"a","b","c","d",\n' + BODY.replace("\n", ",1,\n"),
         ["a", "b", "c", "d", "column_4"], 20),
        ("a,b,c\nkg,cm,\n" + BODY, NAMES, 20),
        ("a,a,c\nx,y,z\n" + BODY, ["a x", "a y", "c z"], 20),
        ("a,b,c\n" + BODY.replace(",w1", ""), NAMES, 20),
        ("a,b,c\n" + BODY.replace("w1\n", "w1,,\n"), NAMES, 20),
        (("a,b,c\n" + BODY).encode("utf-16-le"), NAMES, 20),
        (("a,b,c\n" + BODY).encode("utf-16-be"), NAMES, 20),
        (("a,b,c\n" + BODY).encode("utf-32"), NAMES, 20),
        ("a,b,c\r\n" + BODY.replace("\n", "\r\n"), NAMES, 20),
        ("# x\n# y\n#a,b,c\n" + BODY, ["#a", "b", "c"], 20),
        ("a;b;c\n" + BODY.replace(",", ";").replace(".", ","), NAMES, 20),
        ("a,,\n" + BODY, ["a", "column_1", "column_2"], 20),
        ("a,b,c\n" + BODY.replace("w1", "x" * 100_000), NAMES, 20),
    ],
)  # fmt: skip
def test_odd_files_open_as_meant(
    tmp_path: Path, data: bytes | str, names: list[str], rows: int
) -> None:
    path = put(tmp_path, data)
    table = read(path)
    assert (table.schema.names, table.rows) == (names, rows), table.notes
    assert table.frame[:, 0].to_list() == list(range(20)), table.notes
    assert table.frame[:, 1].sum() == 200.0
    parts = list(pieces(path, names, 7))
    assert sum(p.rows for p in parts) == rows and not any(p.refused for p in parts)
    assert parts[0].frame.columns == names


def test_two_thousand_columns(tmp_path: Path) -> None:
    head = ",".join(f"c{i}" for i in range(2_000))
    line = ",".join(map(str, range(2_000)))
    table = read(
        put(tmp_path, f"{head}\n" + f"{line}\n" * 3 + f"{line[1:]}\n".replace(",", "9,", 1))
    )
    assert len(table.schema) == 2_000 and table.rows == 4


def test_fixed_width_keeps_empty_cells_and_blanks_within(tmp_path: Path) -> None:
    text = "name          age  city\nAnn Lee        31  New York\nBob                Rome\nCy             45\nDi Ann Ox      27  Oslo\n"
    table = read(put(tmp_path, text))
    assert table.schema.names == ["name", "age", "city"]
    assert table.frame["age"].to_list() == [31, None, 45, 27]
    assert table.guesses["format"] == "fixed width"


def test_a_header_row_that_is_said(tmp_path: Path) -> None:
    path = put(tmp_path, "1,2,3\nx,y,z\n" + BODY)
    assert read(path, header_row=2).schema.names == ["x", "y", "z"]
    for row in (99, 0):
        with pytest.raises(HeldoutError) as caught:
            read(path, header_row=row)
        assert caught.value.code == "H102"


@pytest.mark.parametrize("name", sorted({*MAKERS} - {"delimited", "fixed_width"}))
@settings(max_examples=60, deadline=None, derandomize=True,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(seed=st.integers(0, 2**32), kind=st.sampled_from(["flip", "cut", "insert", "head"]))
def test_damaged_files_are_told(name: str, tmp_path: Path, seed: int, kind: str) -> None:
    """Bytes flipped, cut off, put in, or kept only at the head: it opens or is told, never else."""
    path = tmp_path / "data.bin"
    maker = tmp_path / "made"
    if not maker.exists():
        maker.mkdir()
        MAKERS[name](maker)
    data = bytearray(next(iter(maker.iterdir())).read_bytes())
    rng = np.random.default_rng(seed)
    at = int(rng.integers(0, len(data)))
    if kind == "flip":
        for i in rng.integers(0, len(data), 4):
            data[i] = int(rng.integers(0, 256))
    elif kind == "cut":
        del data[at:]
    elif kind == "insert":
        data[at:at] = rng.bytes(20)
    else:
        data[8:] = rng.bytes(200)
    path.write_bytes(data)
    try:
        table = read(path)
    except HeldoutError as error:
        assert error.text()
        assert error.exit_code in (2, 3, 5)
    else:
        assert table.rows >= 1


def test_a_member_without_a_name_is_no_file() -> None:
    """Found by damaging files: Python's zipfile looks at the last letter of every name."""
    assert not _is_file(zipfile.ZipInfo(""))
    assert not _is_file(zipfile.ZipInfo("folder/"))
    assert _is_file(zipfile.ZipInfo("t.csv"))
