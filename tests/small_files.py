"""One small table in every format, written by hand or by the libraries that own the format."""

from __future__ import annotations

import json
import sqlite3
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import polars as pl

FRAME = pl.DataFrame(
    {
        "age": [31, 27, 45, 52, 38, 29],
        "word": ["a", "b", "a", "b, c", "a", "a"],
        "size": [1.5, 2.25, -3.0, 0.5, 4.0, 2.0],
    }
)
CSV = FRAME.write_csv()


def xlsx(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    """A workbook of inline strings and numbers."""
    kinds = "http://schemas.openxmlformats.org"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        parts, links, names = "", "", ""
        for i, (name, rows) in enumerate(sheets.items(), 1):
            cells = ""
            for r, row in enumerate(rows, 1):
                cells += (
                    f'<row r="{r}">' + "".join(_cell(r, c, v) for c, v in enumerate(row)) + "</row>"
                )
            book.writestr(
                f"xl/worksheets/sheet{i}.xml",
                f'<?xml version="1.0"?><worksheet xmlns="{kinds}/spreadsheetml/2006/main">'
                f"<sheetData>{cells}</sheetData></worksheet>",
            )
            main = "application/vnd.openxmlformats-officedocument.spreadsheetml"
            parts += f'<Override PartName="/xl/worksheets/sheet{i}.xml" ContentType="{main}.worksheet+xml"/>'
            links += f'<Relationship Id="r{i}" Type="{kinds}/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet{i}.xml"/>'
            names += f'<sheet name="{escape(name)}" sheetId="{i}" r:id="r{i}"/>'
        book.writestr(
            "[Content_Types].xml",
            f'<?xml version="1.0"?><Types xmlns="{kinds}/package/2006/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override '
            f'PartName="/xl/workbook.xml" ContentType="{main}.sheet.main+xml"/>{parts}</Types>',
        )
        book.writestr(
            "_rels/.rels",
            f'<?xml version="1.0"?><Relationships xmlns="{kinds}/package/2006/relationships"><Relationship '
            f'Id="r1" Type="{kinds}/officeDocument/2006/relationships/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        book.writestr(
            "xl/workbook.xml",
            f'<?xml version="1.0"?><workbook xmlns="{kinds}/spreadsheetml/2006/main" '
            f'xmlns:r="{kinds}/officeDocument/2006/relationships"><sheets>{names}</sheets></workbook>',
        )
        book.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<?xml version="1.0"?><Relationships xmlns="{kinds}/package/2006/relationships">{links}</Relationships>',
        )
    return path


def _cell(row: int, column: int, value: object) -> str:
    if value is None:
        return ""
    place = f"{chr(65 + column)}{row}"
    if isinstance(value, (int, float)):
        return f'<c r="{place}"><v>{value}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'


def rows() -> list[list[object]]:
    return [list(FRAME.columns), *(list(r) for r in FRAME.rows())]


def database(path: Path) -> Path:
    base = sqlite3.connect(path)
    base.execute("create table people (age integer, word text, size real)")
    base.executemany("insert into people values (?, ?, ?)", FRAME.rows())
    base.commit()
    base.close()
    return path


def idx(path: Path, values: np.ndarray) -> Path:
    head = struct.pack(">HBB", 0, 8, values.ndim) + struct.pack(f">{values.ndim}I", *values.shape)
    path.write_bytes(head + values.astype(np.uint8).tobytes())
    return path


def fixed(path: Path) -> Path:
    lines = [f"{'age':>5} {'word':<8}{'size':>6}"]
    lines += [
        f"{a:>5} {w:<8}{s:>6}"
        for a, w, s in FRAME.with_columns(pl.col("word").str.replace(", c", " c")).rows()
    ]
    path.write_text("\n".join(lines) + "\n")
    return path


def _packed_zip(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner/people.csv", CSV)
        archive.writestr("README.md", "about")
    return path


def _written(path: Path, call: Callable[[Path], object]) -> Path:
    call(path)
    return path


ARFF = (
    "@relation p\n@attribute age numeric\n@attribute word string\n@attribute size real\n@data\n"
    + "".join(f"{a},'{w}',{s}\n" for a, w, s in FRAME.rows())
)
MAKERS: dict[str, Callable[[Path], Path]] = {
    "delimited": lambda f: _written(f / "p.csv", lambda p: p.write_text(CSV)),
    "fixed_width": lambda f: fixed(f / "p.txt"),
    "arff": lambda f: _written(f / "p.arff", lambda p: p.write_text(ARFF)),
    "parquet": lambda f: _written(f / "p.parquet", FRAME.write_parquet),
    "arrow": lambda f: _written(f / "p.feather", FRAME.write_ipc),
    "json_lines": lambda f: _written(f / "p.jsonl", FRAME.write_ndjson),
    "json": lambda f: _written(
        f / "p.json", lambda p: p.write_text(json.dumps(FRAME.to_dicts(), indent=1))
    ),
    "excel": lambda f: xlsx(f / "p.xlsx", {"People": rows()}),
    "sqlite": lambda f: database(f / "p.db"),
    "zip": lambda f: _packed_zip(f / "p.zip"),
    "idx": lambda f: idx(f / "p.idx", np.arange(12).reshape(6, 2)),
    "numpy_arrays": lambda f: _written(
        f / "p.npz", lambda p: np.savez(p, x=FRAME.select("age", "size").to_numpy(), y=np.arange(6))
    ),
}
