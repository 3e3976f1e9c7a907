"""The graph alone, the schema beside it, and a short script that needs nothing of heldout."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from heldout.bundle.archive import canonical
from heldout.bundle.export import Certificate, ExportCard
from heldout.bundle.read import Bundle
from heldout.bundle.session import Session
from heldout.bundle.vectors import decode_columns, encode, largest_difference
from heldout.core import files

EXAMPLE = '''\
"""Answer the rows of a CSV file: python NAME_example.py DATA.csv"""
import csv, datetime, json, sys
import numpy as np, onnxruntime as ort

UTC = datetime.timezone.utc
COLUMNS = [c for c in json.load(open("NAME.schema.json", encoding="utf-8")) if c["role"] == "input"]
def typed(text, c):  # the edge, in short: missing marks, numbers, dates; more in NAME.schema.json
    text, kind = text.strip(), c["kind"]
    missing = text == "" or text in c["missing"]
    if kind == "number": return np.nan if missing else float(text.replace(c["decimal"], "."))
    if kind == "boolean": return np.nan if missing else float(text == c["levels"][1])
    if kind == "date": return -2**63 if missing else (datetime.datetime.strptime(text, c["formats"][0]).replace(tzinfo=UTC) - datetime.datetime(1970, 1, 1, tzinfo=UTC)) // datetime.timedelta(microseconds=1)
    return "\\x01null" if missing else text

rows = list(csv.DictReader(open(sys.argv[1], encoding="utf-8-sig", newline="")))
kinds = {"number": np.float64, "boolean": np.float64, "date": np.int64}
session = ort.InferenceSession("NAME.onnx", providers=["CPUExecutionProvider"])
feeds = {i.name: np.array([[typed(r[c["name"]], c)] for r in rows], dtype=kinds.get(c["kind"], object))
         for i, c in zip(session.get_inputs(), COLUMNS)}
for answer in session.run([session.get_outputs()[0].name], feeds)[0].tolist():
    print(*answer, sep=",")
'''


def build(bundle: Bundle, folder: Path) -> list[Path]:
    """Write NAME.onnx, NAME.schema.json and NAME_example.py into ``folder``."""
    name = "".join(c if c.isalnum() or c in "-_." else "_" for c in bundle.name)
    contents = {
        f"{name}.onnx": bundle.model,
        f"{name}.schema.json": canonical(bundle.schema.as_dict()),
        f"{name}_example.py": EXAMPLE.replace("NAME", name).encode(),
    }
    for file, data in contents.items():
        files.write(folder / file, data)
    return [folder / file for file in contents]


def verify(bundle: Bundle, written: Sequence[Path]) -> Certificate:
    """Answer the bundle's vectors with the file that was written."""
    session = Session(written[0].read_bytes(), bundle.schema)
    columns = decode_columns(bundle.vectors, bundle.schema)
    expected = {n: encode(v) for n, v in bundle.run(columns).items()}
    found = session.run(columns)
    rows = len(next(iter(found.values())))
    each = [
        largest_difference({n: v[i : i + 1] for n, v in expected.items()}, {n: v[i : i + 1] for n, v in found.items()})
        for i in range(rows)
    ]  # fmt: skip
    return Certificate(rows, max(each, default=0.0), sum(d > 1e-6 for d in each), session.runtime)


CARD = ExportCard(
    name="onnx",
    title="the graph as one ONNX file, with its schema and a script that runs it",
    build=build,
    verify=verify,
    limits="Takes typed columns: text is turned into numbers and dates before the graph, by the "
    "rule in the schema. Rows are not checked, nothing is logged.",
    needs="onnxruntime 1.23 or newer (ai.onnx.ml 5), numpy",
)
