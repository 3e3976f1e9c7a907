"""Every format of the shelf opens to the same table, whole and in pieces; parts are one table."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import sqlite3
import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from heldout.core.errors import HeldoutError
from heldout.tables.answering import chunks
from heldout.tables.format import FORMATS
from heldout.tables.read import pieces, read, read_raw
from small_files import CSV, FRAME, MAKERS, database, idx, rows, xlsx

pytest.importorskip("fastexcel", reason="Excel files need fastexcel")
zstandard = pytest.importorskip("zstandard", reason="Zstandard files need zstandard")
OTHER = {"idx", "numpy_arrays"}  # they have no names


def refused(source: object, code: str, *words: str, **more: object) -> None:
    with pytest.raises(HeldoutError) as caught:
        read(source, **more)  # type: ignore[arg-type]
    assert caught.value.code == code, caught.value.text()
    for word in words:
        assert word in " ".join(caught.value.text().split()), caught.value.text()


def test_every_format_has_a_maker() -> None:
    assert set(FORMATS.names()) == {*MAKERS, "postgresql"}


@pytest.mark.parametrize("name", MAKERS)
def test_a_format_opens_to_the_same_table(name: str, tmp_path: Path) -> None:
    path = MAKERS[name](tmp_path)
    table = read(path)
    assert table.rows == 6
    parts = list(pieces(path, [], 4))
    assert [p.rows for p in parts] == [4, 2] and [p.start for p in parts] == [0, 4]
    whole = pl.concat([p.frame for p in parts])
    assert whole.rows() == read_raw(path).frame.rows()
    if name not in OTHER:
        assert table.schema.names == ["age", "word", "size"]
        assert table.frame["age"].to_list() == FRAME["age"].to_list()
        assert table.frame["size"].to_list() == FRAME["size"].to_list()
        assert table.frame["word"].n_unique() == 3
    renamed = path.rename(tmp_path / "x.bin")
    assert read(renamed).rows == 6, "the name of a file says nothing"


@pytest.mark.parametrize(
    ("pack", "word"),
    [(gzip.compress, "gzip"), (bz2.compress, "bzip2"), (lzma.compress, "xz"),
     (zstandard.ZstdCompressor().compress, "zstd")],
)  # fmt: skip
def test_packed_files(pack: object, word: str, tmp_path: Path) -> None:
    path = tmp_path / "p.csv.x"
    path.write_bytes(pack(CSV.encode()))  # type: ignore[operator]
    table = read(path)
    assert (table.rows, table.guesses["compression"]) == (6, word)
    FRAME.write_parquet(tmp_path / "p.parquet")
    path.write_bytes(pack((tmp_path / "p.parquet").read_bytes()))  # type: ignore[operator]
    assert read(path).rows == 6
    path.write_bytes(pack(CSV.encode() * 50)[:-12])  # type: ignore[operator]
    refused(path, "H213", "cannot be read")


def test_several_files_and_folders_are_one_table(tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    folder.mkdir()
    FRAME.write_csv(folder / "1.csv")
    FRAME.select("size", "age", "word").write_parquet(folder / "2.parquet")
    (folder / "README.md").write_text("about")
    for source in (
        folder,
        str(folder / "*.*[vt]"),
        [folder / "1.csv", folder / "2.parquet"],
        f"{folder / '1.csv'},{folder / '2.parquet'}",
    ):
        table = read(source)
        assert table.rows == 12, source
        assert table.frame["age"].to_list() == FRAME["age"].to_list() * 2
        assert "2 files with the same columns" in table.notes[0]
    schema = read(folder).schema
    assert sum(c.rows for c in chunks(folder, schema, rows=5)) == 12
    FRAME.rename({"word": "wort"}).write_csv(folder / "3.csv")
    refused(folder, "H218", "3.csv has other columns", '"wort" may be it')
    (folder / "4.csv").write_text("")
    refused(str(folder / "nothing*"), "H201", "no file is like")


def test_a_zip_with_parts_with_several_tables_and_with_bad_names(tmp_path: Path) -> None:
    path = tmp_path / "p.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/1.csv", CSV)
        archive.writestr("a/2.csv", CSV)
    assert read(path).rows == 12
    assert read(f"{path}#2.csv").rows == read(path, table="1.csv").rows == 6
    refused(f"{path}#3.csv", "H221", "a/1.csv")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../../evil.csv", CSV)
    assert read(path).rows == 6
    assert not list(tmp_path.parent.glob("evil.csv"))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("cat/1.jpg", "x")
    refused(path, "H209", "pictures")


@pytest.mark.requirement("DATA-09")
def test_excel_finds_the_sheet_and_the_row_of_names(tmp_path: Path) -> None:
    body = rows()
    moved = [[None, "Sales of 2020"], [], [None, "made by hand"], *([None, *row] for row in body)]
    path = xlsx(tmp_path / "p.xlsx", {"Empty": [], "Data": moved, "Other": [["x"], [1]]})
    table = read(path)
    assert table.schema.names == ["age", "word", "size"] and table.rows == 6
    assert 'sheet "Data"' in table.notes[0] and "row 4" in table.notes[1]
    assert read(path, table="Other").schema.names == ["x"]
    refused(path, "H221", '"Data"', table="Dota")
    assert read(path, table="Data", header_row=5).schema.names[1] == "a"
    refused(path, "H102", "--header-row", table="Data", header_row=2)
    path.write_bytes(path.read_bytes()[:-200])
    refused(path, "H209")


def test_sqlite_tables_queries_and_what_it_refuses(tmp_path: Path) -> None:
    path = database(tmp_path / "p.db")
    assert read(f"{path}#people").rows == 6
    assert read(path, query="select age, size from people where age > 30").rows == 4
    assert read(f"sqlite:///{path}?query=select age from people limit 3").rows == 3
    refused(path, "H221", "people", table="peeple")
    refused(path, "H223", "peple", query="select * from peple ")
    refused(path, "H223", "select", query="delete from people")
    refused(path, "H223", query="with x as (select 1) delete from people ")
    base = sqlite3.connect(path)
    base.execute("create table more (a)")
    base.commit()
    base.close()
    refused(path, "H221", "2 tables: more, people")
    assert read(path, table="people").rows == 6


def test_json_in_its_shapes(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    records = FRAME.to_dicts()
    nested = [{"who": {"age": r["age"]}, "tags": ["x", "y"], "size": r["size"]} for r in records]
    for text, names in (
        (json.dumps(FRAME.to_dict(as_series=False)), FRAME.columns),
        (json.dumps({"meta": 1, "rows": records}), FRAME.columns),
        (json.dumps(nested), ["who.age", "tags", "size"]),
        ("\n".join(map(json.dumps, nested)), ["who.age", "tags", "size"]),
        ('[{"a": NaN}, {"a": 2, "b": 1}]', ["a", "b"]),
        ("\ufeff" + "\n".join(map(json.dumps, records)), FRAME.columns),
    ):
        path.write_text(text)
        assert read(path).schema.names == names
    path.write_text('{"a": 1}\n{"a": 2\n')
    refused(path, "H214", "line 2")
    path.write_text("[[1, 2], [3, 4]]")
    refused(path, "H214", "no table")


@pytest.mark.requirement("DATA-11", "X-035")
def test_idx_pictures_with_their_labels(tmp_path: Path, data_folder: Path) -> None:
    images = data_folder / "images" / "mnist" / "t10k-images-idx3-ubyte.gz"
    if not images.exists():
        images = next(data_folder.rglob("mnist/t10k-images-idx3-ubyte.gz"))
    raw = read_raw(images)
    assert raw.frame.shape == (10_000, 785) and raw.guesses["shape"] == "10000x28x28"
    assert sorted(set(raw.frame["label"])) == [str(i) for i in range(10)]
    idx(tmp_path / "a-images-idx3-ubyte", np.zeros((6, 2, 2)))
    idx(tmp_path / "a-labels-idx1-ubyte", np.zeros(5))
    refused(tmp_path / "a-images-idx3-ubyte", "H214", "5 labels")


def test_numpy_arrays_of_the_data_folder(data_folder: Path) -> None:
    table = read(next(data_folder.rglob("odds_thyroid.npz")))
    assert table.rows == 3772 and "y" in table.schema.names and len(table.schema) == 7


def test_a_folder_of_texts_per_class(data_folder: Path) -> None:
    table = read(next(data_folder.rglob("movie_reviews.zip")))
    assert table.rows == 2_000 and table.schema.names == ["text", "label"]
    assert table.schema["text"].kind == "text"


def test_a_file_with_a_hash_in_its_name(tmp_path: Path) -> None:
    path = tmp_path / "a#1.csv"
    path.write_text(CSV)
    assert read(path).rows == 6
    refused(f"{path}#x", "H221", "without parts")


def test_nothing_is_fetched() -> None:
    for address in (
        "https://a.org/x.csv",
        "s3://bucket/x.parquet",
        "mysql://me:secret@h/d?table=x",
    ):
        with pytest.raises(HeldoutError) as caught:
            read(address)
        assert caught.value.code == "H212" and "secret" not in caught.value.text()
