"""Dialects, encodings and headers are guessed and said; what is no table is refused in words."""

from __future__ import annotations

import gzip
import os
import zipfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heldout.core.errors import HeldoutError
from heldout.tables.read import read, read_raw


def put(folder: Path, data: bytes | str, name: str = "data.csv") -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def refused(source: object, code: str, *words: str, **more: object) -> HeldoutError:
    with pytest.raises(HeldoutError) as caught:
        read(source, **more)  # type: ignore[arg-type]
    error = caught.value
    assert error.code == code, error.text()
    for word in words:
        assert word in error.text().replace("\n       ", ""), error.text()
    assert error.exit_code in (2, 3) and error.why
    return error


BODY = "age,name,score\n" + "".join(f"{20 + i},n{i % 3},{i}.5\n" for i in range(12))


@pytest.mark.parametrize(
    ("change", "guess", "value"),
    [
        (lambda t: t, "delimiter", ","),
        (lambda t: t.replace(",", ";"), "delimiter", ";"),
        (lambda t: t.replace(",", "\t"), "delimiter", "\t"),
        (lambda t: t.replace(",", "|"), "delimiter", "|"),
        (lambda t: t.replace(",", "   "), "delimiter", " "),
        (lambda t: t.replace(",", ";").replace(".", ","), "delimiter", ";"),
        (lambda t: t.replace(",", "\t").replace(".", ","), "delimiter", "\t"),
        (lambda t: t.replace("\n", "\r\n"), "line_end", "CRLF"),
        (lambda t: t.replace("\n", "\r"), "line_end", "CR"),
        (lambda t: "\ufeff" + t, "encoding", "utf-8-sig"),
        (lambda t: "\n\n" + t + "\n\n", "header", "yes"),
        (lambda t: t.replace("\n", ",\n").replace("score,", "score"), "header", "yes"),
        (lambda t: t.replace("n1", '"n1, or so"'), "quote", '"'),
        (lambda t: t.replace("n1", "'n1, or so'"), "quote", "'"),
        (lambda t: t.replace("n1", '"two\nlines"'), "quote", '"'),
        (lambda t: t.replace("n1", '"a ""word"" in quotes"'), "quote", '"'),
        (lambda t: t.replace("n1", '5" wide'), "quote", ""),
        (lambda t: t.replace("n1", "don't"), "quote", '"'),
        (lambda t: t.replace(",", ", ").replace("n1", '"n1, or so"'), "quote", '"'),
    ],
)
def test_dialects(tmp_path: Path, change: object, guess: str, value: str) -> None:
    table = read(put(tmp_path, change(BODY)))  # type: ignore[operator]
    assert table.guesses[guess] == value
    assert table.schema.names[:3] == ["age", "name", "score"] and table.rows == 12
    assert table.frame["age"].to_list() == list(range(20, 32))
    assert table.frame["score"].sum() == 72.0
    assert table.frame["name"].n_unique() == 3


def test_quoted_text_comes_whole(tmp_path: Path) -> None:
    table = read(
        put(tmp_path, 'a,b\n1,"x, ""y""\nz"\n2,plain\n3,"5"" wide"\n'), types={"b": "category"}
    )
    assert table.frame["b"].to_list() == ['x, "y"\nz', "plain", '5" wide']


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("latin-1", "Köln"),
        ("cp1252", "“Köln” – 5 €"),
        ("utf-8", "Köln 東京"),
        ("utf-16", "Köln 東京"),
    ],
)
def test_encodings(tmp_path: Path, encoding: str, text: str) -> None:
    table = read(put(tmp_path, f"a,b\n1,{text}\n2,x\n".encode(encoding)), types={"b": "category"})
    assert table.frame["b"].to_list() == [text, "x"]
    assert table.guesses["encoding"] == encoding
    assert (encoding == "utf-8") != any("not UTF-8" in note for note in table.notes)


def test_gzip_and_names_do_not_matter(tmp_path: Path) -> None:
    assert read(put(tmp_path, gzip.compress(BODY.encode()), "data.txt")).rows == 12
    broken = put(tmp_path, gzip.compress(BODY.encode())[:-9], "cut.csv.gz")
    refused(broken, "H213", "cut.csv.gz cannot be read")


@pytest.mark.parametrize(
    ("text", "names", "rows"),
    [
        ("1,2\n3,4\n", ["column_0", "column_1"], 2),
        ("a,b\n3,4\n", ["a", "b"], 1),
        ("a,b\nx,y\nz,y\n", ["a", "b"], 2),
        ("x,y\nx,z\nw,y\n", ["column_0", "column_1"], 3),
        (",b\n3,4\n", ["column_0", "b"], 1),
        ("a,a,a_2\n1,2,3\n", ["a", "a_3", "a_2"], 1),
        ("2019,2021\n1,2\n", ["column_0", "column_1"], 2),
        ("country,2018,2019\nfr,2,1\nde,3,4\n", ["country", "2018", "2019"], 2),
        (" a , b \n1,2\n", ["a", "b"], 1),
        ("day,n\n2020-01-01,x\n2020-01-02,y\n", ["day", "n"], 2),
    ],
)
def test_headers(tmp_path: Path, text: str, names: list[str], rows: int) -> None:
    table = read(put(tmp_path, text))
    assert (table.schema.names, table.rows) == (names, rows)
    if "column_0" in names:
        assert any("column_0" in note for note in table.notes)


def test_header_can_be_said(tmp_path: Path) -> None:
    path = put(tmp_path, "2019,2021\n1,2\n")
    assert read(path, header=True).schema.names == ["2019", "2021"]
    assert read(put(tmp_path, "a,b\n3,4\n"), header=False).rows == 2


def test_rename(tmp_path: Path) -> None:
    path = put(tmp_path, BODY)
    assert (
        read(path, rename={"age": "years"}, types={"years": "category"}).schema.names[0] == "years"
    )
    refused(path, "H104", '"age"', rename={"agee": "years"})
    refused(path, "H216", '"name"', rename={"age": "name"})


def test_rows_written_by_r(tmp_path: Path) -> None:
    table = read(put(tmp_path, '"len" "kind"\n"1" 5.1 "a b"\n"2" 3.2 "c"\n'))
    assert table.schema.names == ["column_0", "len", "kind"]
    assert table.frame["kind"].to_list() == ["a b", "c"]


def test_comments_above_and_a_remark_below(tmp_path: Path) -> None:
    """They are left out and said; lines keep their numbers."""
    table = read(
        put(tmp_path, "# made by hand\n# in 2020\n" + BODY + '\n\n"Source: somewhere, 2020",\n')
    )
    assert table.rows == 12 and table.schema.names == ["age", "name", "score"]
    assert "2 lines of comments" in table.notes[0] and "Source: somewhere" in table.notes[1]
    refused(put(tmp_path, "# x\n# y\n" + BODY + "1,2\n"), "H205", "line 16")
    assert read(put(tmp_path, "#id,b\n1,2\n3,4\n")).schema.names == ["#id", "b"]


def test_one_column_is_allowed(tmp_path: Path) -> None:
    table = read(put(tmp_path, "score\n1\n2\n\n4\n"))
    assert table.schema.names == ["score"] and table.frame["score"].to_list() == [1, 2, None, 4]


def test_arff(tmp_path: Path) -> None:
    text = (
        "% a comment\n@RELATION 'x y'\n@attribute 'the \\'age\\'' numeric\n@attribute\tsex {m,f}\n"
        '@attribute "free text" string\n@attribute level {1,2}\n@data\n'
        "31,m,'it\\'s, \\n so',1\n\n% more\n?,f,\"b, c\",2\n27, f , plain, 2\n"
    )
    table = read(put(tmp_path, text, "x.arff"), types={"free text": "category"})
    assert table.schema.names == ["the 'age'", "sex", "free text", "level"]
    assert table.frame["the 'age'"].to_list() == [31, None, 27]
    assert table.frame["free text"].to_list() == ["it's, \n so", "b, c", "plain"]
    assert table.schema["level"].kind == "category"
    refused(put(tmp_path, text.replace("27, f", "27"), "y.arff"), "H205", "line 12")
    refused(put(tmp_path, text.replace("@data", ""), "z.arff"), "H214", "@data")
    refused(put(tmp_path, text.split("31,m")[0], "w.arff"), "H204")


def test_picture_folders(tmp_path: Path) -> None:
    for name in ("cat/1.jpg", "cat/2.JPG", "dog/1.png", "dog/note.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    table = read(tmp_path)
    assert table.frame["label"].to_list() == ["cat", "cat", "dog"]
    assert [c.kind for c in table.schema] == ["image", "category"]


def test_a_folder_without_a_table(tmp_path: Path) -> None:
    put(tmp_path, "about the data", "README.md")
    refused(tmp_path, "H202", "README.md")


def test_no_such_file(tmp_path: Path) -> None:
    put(tmp_path, BODY, "churn.csv")
    refused(tmp_path / "chrun.csv", "H201", '"churn.csv"')


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"", "H203", "empty"),
        (b" \n\n", "H203", "empty"),
        (b"a,b,c\n", "H204", "header"),
        (b"a,b\n1,2\n1,2,3\n4,5\n6,7\n8,9\n", "H205", "line 3"),
        (b"a,b,c\n1,2,3\n\n1,2\n4,5,6\n7,8,9\n1,2,3\n", "H205", "line 4"),
        (b"a,b\n1\n2,3,4\n5,6,7,8\nx\n1,2,3,4,5\n", "H206", "fields"),
        (b"a,b\n1,2\n3,4\n\nc,d\n5,x\n6,y\n", "H207", "line 5"),
        (b"a,b\n1,2\n3,4\n\nc,d,e\n5,x,1\n6,y,2\n", "H207", "line 5"),
        (b"a,b\n1,2\n3,4\n,\nc,d\n5,x\n6,y\n", "H207", "line 5"),
        (b"a,b\n1,\x00\x01\x02\n", "H208", "0x00"),
        (b"%PDF-1.4", "H208", "PDF"),
        (b'{"a": [1, {}]}', "H214", "JSON"),
        (b"PK\x03\x04\x14\x00", "H209", "zip archive"),
        (b"PK\x03\x04" + b"\0" * 26 + b"[Content_Types].xml", "H209", "spreadsheet"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "H210", "git lfs pull"),
        (b"\n<!DOCTYPE html><html>", "H211", "web page"),
        (b"PAR1 and then nonsense", "H213", "cannot be read"),
    ],
)
def test_bad_files_are_told_in_words(tmp_path: Path, data: bytes, code: str, words: str) -> None:
    refused(put(tmp_path, data), code, words)


def test_a_real_zip_under_a_false_name(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "data.csv", "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    refused(tmp_path / "data.csv", "H209", "although its name ends in .csv", "spreadsheet")


def test_an_address_is_not_fetched() -> None:
    refused("https://example.org/data.csv", "H212", "address")


@pytest.mark.skipif(
    os.name == "nt" or (hasattr(os, "getuid") and os.getuid() == 0), reason="root reads all"
)
def test_a_file_without_rights(tmp_path: Path) -> None:
    path = put(tmp_path, BODY)
    path.chmod(0)
    refused(path, "H213", "PermissionError")


def test_a_file_that_fails_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As without rights, also where the tests run as root."""
    path = put(tmp_path, BODY)
    opened = Path.open

    def denied(self: Path, *args: object, **more: object) -> object:
        if self == path:
            raise PermissionError(13, "Permission denied")
        return opened(self, *args, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", denied)
    refused(path, "H213", "PermissionError")


def test_objects_that_are_no_table() -> None:
    refused(7, "H215", "int")
    refused({"a": [1, 2], "b": [1]}, "H215", "lengths")
    refused({}, "H203")
    refused({"a": 5}, "H215", "single value")
    refused(pl.Series([1, 2]), "H215")
    assert read([{"a": 1}, {"a": 2, "b": "x"}]).schema.names == ["a", "b"]
    refused(pl.DataFrame({"a": []}), "H203")


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    data=st.binary(max_size=300)
    | st.text(alphabet="a1,;\t|\"' \n\r.?é", max_size=120).map(str.encode)
)
def test_whatever_the_bytes_are_it_opens_or_tells(tmp_path: Path, data: bytes) -> None:
    """A file of a person never ends in a traceback."""
    path = put(tmp_path, data)
    try:
        table = read(path)
    except HeldoutError as error:
        assert error.text()
    else:
        assert table.rows >= 1 and len(set(table.schema.names)) == len(table.schema)
        assert table.arrays(table.schema.names)


FIELDS = st.text(
    alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])
    | st.sampled_from(",;|\t\n\"' "),
    max_size=8,
)


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(st.tuples(FIELDS, FIELDS), min_size=3, max_size=12),
    delimiter=st.sampled_from(",;\t|"),
)
def test_what_csv_writes_is_read_back(
    tmp_path: Path, rows: list[tuple[str, str]], delimiter: str
) -> None:
    """Any text, written by the standard library with all fields quoted, comes back cell by cell."""
    import csv
    import io

    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(["number", "word", "text"])
    writer.writerows([i, *row] for i, row in enumerate(rows))
    raw = read_raw(put(tmp_path, out.getvalue()))
    if raw.guesses["delimiter"] == delimiter:
        cells = [(a or "", b or "") for a, b in raw.frame.select("word", "text").rows()]
        assert cells == rows
    else:
        pytest.fail(f"read with {raw.guesses['delimiter']!r}")
