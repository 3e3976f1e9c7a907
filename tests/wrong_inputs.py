"""Wrong inputs by name: what is made, what is called, and what must be answered."""

from __future__ import annotations

import bz2
import gzip
import os
import socket
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from small_files import xlsx

ROWS = "".join(f"{i % 7},{'uvw'[i % 3]},{'yes' if i % 5 < 2 else 'no'}\n" for i in range(60))
GOOD = "a,b,left\n" + ROWS
RUN = ("run", "t.csv", "--target", "left")


@dataclass(frozen=True)
class Wrong:
    """``call``: the command line, in the folder where ``files`` were written; ``code``: codes that
    are right, divided by |; ``words``: each must be in the message."""

    call: tuple[str, ...]
    exit: int
    code: str
    words: tuple[str, ...] = ()
    files: Callable[[Path], None] | dict[str, str | bytes] | None = None
    never: str = ""


def run(*options: str, target: str = "left", data: str = "t.csv") -> tuple[str, ...]:
    """``heldout run`` on the good table, or on another."""
    return ("run", data, "--target", target, *options)


def _xlsx(folder: Path) -> None:
    rows: list[list[object]] = [["a", "left"], *([i, "yes"] for i in range(9))]
    xlsx(folder / "book.xlsx", {"May": rows, "June": rows})


def _sqlite(folder: Path) -> None:
    with sqlite3.connect(folder / "shop.db") as base:
        base.execute("create table orders (a, left)")
        base.executemany("insert into orders values (?, ?)", [(1, "yes")] * 9)


def _truncated(name: str, pack: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        whole = pack((GOOD * 200).encode())
        (folder / name).write_bytes(whole[: len(whole) // 2])

    return make


def _zip(folder: Path) -> None:
    with zipfile.ZipFile(folder / "t.zip", "w") as archive:
        archive.writestr("t.csv", GOOD * 50)
    whole = (folder / "t.zip").read_bytes()
    (folder / "t.zip").write_bytes(whole[: len(whole) // 2])


def _notes(folder: Path) -> None:
    with zipfile.ZipFile(folder / "notes.zip", "w") as archive:
        archive.writestr("a.pdf", b"%PDF-1.7 " + bytes(100))


def _parquet(folder: Path) -> None:
    pl.DataFrame({"a": list(range(900)), "left": ["yes", "no"] * 450}).write_parquet(
        folder / "t.parquet"
    )
    whole = (folder / "t.parquet").read_bytes()
    (folder / "t.parquet").write_bytes(whole[: len(whole) // 2])


def _bomb(folder: Path) -> None:
    (folder / "t.csv.gz").write_bytes(gzip.compress(b"a,b,left\n" + bytes(1 << 27), 1))


def _loop(folder: Path) -> None:
    (folder / "t.csv").symlink_to(folder / "u.csv")
    (folder / "u.csv").symlink_to(folder / "t.csv")


def _pipe(folder: Path) -> None:
    os.mkfifo(folder / "t.csv")


def _one_class(folder: Path) -> None:
    from PIL import Image

    (folder / "pictures" / "cat").mkdir(parents=True)
    for i in range(30):
        Image.new("RGB", (20, 20), (i, 2 * i, 90)).save(folder / "pictures" / "cat" / f"{i}.png")


def _empty_log(folder: Path) -> None:
    with sqlite3.connect(folder / "log.sqlite") as base:
        base.execute("create table predictions (id, at, model_digest, inputs, outputs, refused)")
        base.execute("create table labels (id, value, at)")


FILES: dict[str, Wrong] = {
    "a folder without a table": Wrong(run(data="."), 3, "H202", ("folder",), {"readme.md": "x"}),
    "an address": Wrong(run(data="https://example.org/t.csv"), 3, "H212", ("download",)),
    "an address of a bucket": Wrong(run(data="s3://data/t.csv"), 3, "H212", ("s3://data/t.csv",)),
    "no such sheet": Wrong(run("--table", "Mai", data="book.xlsx"), 2, "H221", ("May", "June"), _xlsx),
    "a sheet of a text file": Wrong(run("--table", "May"), 2, "H221", ("leave --table out",)),
    "no such table": Wrong(run("--table", "order", data="shop.db"), 2, "H221", ("orders",), _sqlite),
    "two statements": Wrong(
        run("--query", "select * from orders; drop table orders", data="shop.db"), 2, "H223",
        ("one statement",), _sqlite,
    ),
    "a query that writes": Wrong(
        run("--query", "delete from orders", data="shop.db"), 2, "H223", ("select",), _sqlite
    ),
    "a query with a typing error": Wrong(
        run("--query", "select * from ordres", data="shop.db"), 2, "H223", ("orders",), _sqlite
    ),
    "a query of a text file": Wrong(run("--query", "select 1 as a"), 2, "H221", ("--query",)),
    "a server that is not there": Wrong(
        run(data="postgresql://me:s3cr3t-w0rd@127.0.0.1:1/shop?table=a"), 3, "H224|H222",
        ("127.0.0.1",), never="s3cr3t-w0rd",
    ),
    "a truncated gzip file": Wrong(
        run(data="t.csv.gz"), 3, "H213", ("t.csv.gz",), _truncated("t.csv.gz", gzip.compress)
    ),
    "a truncated bzip2 file": Wrong(
        run(data="t.csv.bz2"), 3, "H213", ("t.csv.bz2",), _truncated("t.csv.bz2", bz2.compress)
    ),
    "a truncated zip archive": Wrong(run(data="t.zip"), 3, "H209", ("t.zip",), _zip),
    "an archive without a table": Wrong(run(data="notes.zip"), 3, "H209|H208", ("pdf",), _notes),
    "a truncated Parquet file": Wrong(run(data="t.parquet"), 3, "H213", ("t.parquet",), _parquet),
    "a gzip bomb": Wrong(run(data="t.csv.gz"), 3, "H219", ("MB",), _bomb),
    "a link that leads to itself": Wrong(run(), 3, "H201|H213", ("t.csv",), _loop),
    "a pipe": Wrong(run(), 3, "H213", ("pipe",), _pipe),
    "a device": Wrong(run(data="/dev/zero"), 3, "H213", ("device",)),
    "a path with a zero byte": Wrong(run(data="t\0.csv"), 3, "H201", ()),
    "a web page": Wrong(run(), 3, "H211", ("web page",), {"t.csv": "<!doctype html><html><p>x</p></html>"}),
    "a pointer": Wrong(
        run(), 3, "H210", ("git lfs pull",),
        {"t.csv": "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"},
    ),
    "a program": Wrong(run(), 3, "H208", ("t.csv",), {"t.csv": b"\x7fELF" + bytes(range(256)) * 9}),
    "a broken line of JSON": Wrong(
        run(data="t.jsonl"), 3, "H214", ("line 2",), {"t.jsonl": '{"a": 1}\n{"a": \n{"a": 3}\n'}
    ),
    "a folder of one class": Wrong(
        run(target="label", data="pictures"), 3, "H251|H253|H261", ("label",), _one_class
    ),
    "JSON of one object": Wrong(
        run(data="t.json"), 3, "H214|H251", (), {"t.json": '{"a": 1, "left": "yes"}'}
    ),
    "JSON columns of different lengths": Wrong(
        run(data="t.json"), 3, "H214", ("t.json",), {"t.json": '{"a": [1, 2, 3], "left": ["yes"]}'}
    ),
    "files with other columns": Wrong(
        run(data="t.csv,u.csv"), 3, "H218", ('"b"',), {"t.csv": GOOD, "u.csv": GOOD.replace("b,", "c,", 1)}
    ),
    "a prose file": Wrong(
        run(), 3, "H206|H205|H104", (),
        {"t.csv": "It was late, and dark.\n\nNobody, not even he,\ncame, saw, and, well, won.\n"},
    ),
    "names that are numbers": Wrong(
        run(), 2, "H104", ("column_0", "--header"), {"t.csv": "1,2,3\n" + "4,5,6\n" * 30}
    ),
    "Arrow of lists only": Wrong(
        run(target="a", data="t.arrow"), 3, "H252", ("missing",),
        lambda folder: pl.DataFrame({"a": [[1], [2]] * 20, "b": [1, 2] * 20}).write_ipc(folder / "t.arrow"),
    ),
}  # fmt: skip

OPTIONS: dict[str, Wrong] = {
    "an expression that does not parse": Wrong(run("--column", "r=a //"), 2, "H102", ("a //",)),
    "an expression of no column": Wrong(run("--column", "r=aa / 2"), 2, "H102|H104", ('"a"',)),
    "an expression of the target": Wrong(run("--column", "r=left + 1"), 2, "H102", ("left",)),
    "a column without an expression": Wrong(run("--column", "r"), 2, "H102", ("NAME=EXPRESSION",)),
    "a kind of no column": Wrong(run("--type", "aa=number"), 2, "H104", ("--type a=",)),
    "no such kind": Wrong(run("--type", "a=numbers"), 2, "H103", ("number",)),
    "no column to rename": Wrong(run("--rename", "aa=c"), 2, "H104", ("--rename a=c",)),
    "two columns of one name": Wrong(run("--rename", "a=b"), 2, "H216", ('"b"',)),
    "the target as group": Wrong(run("--group", "left"), 2, "H102", ("--group", "left")),
    "the target as time": Wrong(run("--time", "left"), 2, "H102", ("--time", "left")),
    "the target as weight": Wrong(run("--weight", "left"), 2, "H102", ("--weight", "left")),
    "the target dropped": Wrong(run("--drop", "a,left"), 2, "H102", ("--drop", "left")),
    "kept and dropped": Wrong(run("--drop", "a", "--keep", "a"), 2, "H102", ("--keep", "--drop")),
    "words as weights": Wrong(run("--weight", "b"), 2, "H102", ("--weight", "numbers")),
    "words as time": Wrong(run("--time", "b"), 2, "H102", ("--time", "date")),
    "no horizon": Wrong(run("--task", "forecast", "--time", "a", "--horizon", "0"), 2, "H102", ("--horizon",)),
    "a horizon without a forecast": Wrong(run("--horizon", "3"), 2, "H102", ("--horizon", "forecast")),
    "a forecast without a time": Wrong(
        run("--task", "forecast", "--horizon", "3", target="a"), 2, "H101|H102|H267", ("--time",)
    ),
    "a budget in words": Wrong(run("--budget", "soon"), 2, "H102", ("60s",)),
    "a budget of nothing": Wrong(run("--budget", "0"), 2, "H102", ("at least one second",)),
    "a budget in days": Wrong(run("--budget", "2d"), 2, "H102", ("5m",)),
    "a budget with two points": Wrong(run("--budget", "1..5m"), 2, "H102", ("60s",)),
    "a negative seed": Wrong(run("--seed", "-1"), 2, "H102", ("--seed",)),
    "a seed in words": Wrong(run("--seed", "lucky"), 2, "H101", ("--seed",)),
    "a negative cost": Wrong(run("--cost", "miss=-5"), 2, "H102", ("miss=5,alarm=1",)),
    "a cost of nothing known": Wrong(run("--cost", "hit=5"), 2, "H102", ("miss=5,alarm=1",)),
    "a cost in words": Wrong(run("--cost", "miss=much"), 2, "H102", ("miss=5,alarm=1",)),
    "no such class": Wrong(run("--positive", "maybe"), 2, "H255", ("yes", "no")),
    "a threshold beyond 1": Wrong(run("--threshold", "1.5"), 2, "H102", ("between 0 and 1",)),
    "a negative capacity": Wrong(run("--capacity", "-1"), 2, "H102", ("--capacity",)),
    "no cases": Wrong(run("--cases", "0"), 2, "H102", ("above 0",)),
    "a coverage of a fifth": Wrong(run("--conformal", "0.2"), 2, "H102", ("0.5",)),
    "numbers from words": Wrong(run("--task", "regression", target="b"), 2, "H257", ("b",)),
    "no such task": Wrong(run("--task", "ranking"), 2, "H103", ("regression",)),
    "a line of names that is not there": Wrong(run("--header-row", "99"), 2, "H102", ("--header-row",)),
    "no such protocol": Wrong(run("--protocol", "kfolds"), 2, "H103", ("kfold",)),
    "a gap without time": Wrong(run("--gap", "3"), 3, "H267", ("--time",)),
    "a seal of few rows": Wrong(run("--seal"), 2, "H264", ("1,000",)),
    "a seal beside a test file": Wrong(run("--seal", "--test", "t.csv"), 2, "H102", ("--seal", "--test")),
    "no test file": Wrong(run("--test", "u.csv"), 3, "H201", ("u.csv",)),
    "a test file without the target": Wrong(
        run("--test", "u.csv"), 3, "H321|H310|H104", ("left",), {"t.csv": GOOD, "u.csv": "a,b\n1,u\n" * 30}
    ),
    "no file of production": Wrong(run("--production", "u.csv"), 3, "H201", ("u.csv",)),
    "a setting of no model": Wrong(run("--set", "lightgmb.leaves=3"), 2, "H103", ("lightgbm",)),
    "no such setting": Wrong(run("--set", "lightgbm.leafs=3"), 2, "H103|H102", ("leaves",)),
    "a setting out of range": Wrong(run("--set", "lightgbm.leaves=many"), 2, "H102", ("leaves",)),
    "a limit of nothing known": Wrong(run("--limits", "speed=5"), 2, "H102", ("latency_ms",)),
    "a limit in words": Wrong(run("--limits", "latency_ms=fast"), 2, "H102", ("latency_ms",)),
    "no such preference": Wrong(run("--prefer", "quick"), 2, "H102", ("fast",)),
    "fairness of no column": Wrong(run("--fairness", "bb"), 2, "H104", ('"b"',)),
    "gaps of no column": Wrong(run("--may-miss", "aaa"), 2, "H104", ('"a"',)),
    "an existing rule that does not parse": Wrong(run("--existing", "a >"), 2, "H102", ("a >",)),
    "a folder under a file": Wrong(run("--out", "t.csv/run"), 2, "H108", ("--out",)),
    "a folder that nobody can make": Wrong(run("--out", "/proc/heldout/run"), 2, "H108", ("--out",)),
    "each row a class": Wrong(
        run(), 3, "H254", ("classes",), {"t.csv": "a,left\n" + "".join(f"{i % 9},w{i}x\n" for i in range(300))}
    ),
    "one class beside the missing": Wrong(
        run(), 3, "H251", ("yes",), {"t.csv": GOOD.replace(",no\n", ",\n")}
    ),
    "a date as target": Wrong(
        run(), 3, "H256", ("date",),
        {"t.csv": "a,left\n" + "".join(f"{i},2024-01-{i % 28 + 1:02}\n" for i in range(90))},
    ),
    "endless targets": Wrong(
        run(), 3, "H252|H256|H261", ("left",), {"t.csv": "a,left\n" + "1,inf\n2,-inf\n" * 40}
    ),
}  # fmt: skip

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{n}: &{n} [{', '.join([f'*{chr(ord(n) - 1)}'] * 9)}]\n" for n in "bcdefghi"
)


def spec(text: str | bytes) -> dict[str, str | bytes]:
    """The good table with a specification beside it."""
    return {"t.csv": GOOD, "s.yaml": text}


CONFIG = ("run", "t.csv", "--target", "left", "--config", "s.yaml")
SPECS: dict[str, Wrong] = {
    "no such field": Wrong(CONFIG, 2, "H101", ('"budget"',), spec("budgte: 60s\n")),
    "tabs": Wrong(CONFIG, 2, "H102", ("s.yaml", "line 2"), spec("task: binary\n\tmetric: f1\n")),
    "aliases that multiply": Wrong(CONFIG, 2, "H102", ("alias",), spec(BOMB + "target: *i\n")),
    "a field twice": Wrong(CONFIG, 2, "H102", ("seed", "twice"), spec("seed: 1\nseed: 2\n")),
    "a list for a number": Wrong(CONFIG, 2, "H102", ("budget",), spec("budget: [1, 2]\n")),
    "a word for yes or no": Wrong(CONFIG, 2, "H102", ("seal", "true"), spec("seal: maybe\n")),
    "a mapping for a word": Wrong(CONFIG, 2, "H102", ("metric",), spec("metric: {a: 1}\n")),
    "a number for a path": Wrong(CONFIG, 2, "H102", ("production",), spec("production: [1]\n")),
    "words for a whole number": Wrong(CONFIG, 2, "H102", ("seed", "whole number"), spec("seed: lucky\n")),
    "a list of fields": Wrong(CONFIG, 2, "H102", ("target: Churn",), spec("- target\n- budget\n")),
    "a call": Wrong(CONFIG, 2, "H102", ("s.yaml",), spec("target: !!python/object/apply:os.getcwd []\n")),
    "bytes": Wrong(CONFIG, 2, "H102", ("s.yaml",), spec(bytes(range(256)))),
    "lists in lists in lists": Wrong(CONFIG, 2, "H102", ("s.yaml",), spec("a: " + "[" * 9000 + "]" * 9000)),
    "no file": Wrong((*CONFIG[:-1], "none.yaml"), 3, "H201", ("none.yaml",)),
    "a folder": Wrong((*CONFIG[:-1], "."), 2, "H102", ("folder",)),
    "an answer that is none of the offered": Wrong(
        CONFIG, 2, "H102|H103", ("definition",), spec("definition: {available: {a: perhaps}}\n")
    ),
}  # fmt: skip

SPACE = ("tune", "t.csv", "--target", "left", "--model", "lightgbm", "--space", "s.yaml")
COMMANDS: dict[str, Wrong] = {
    "an archive for a bundle": Wrong(("predict", "book.xlsx", "t.csv"), 3, "H505", ("book.xlsx",), _xlsx),
    "a table for a bundle": Wrong(("verify", "t.csv"), 3, "H505", ("t.csv",)),
    "a bundle that is not there": Wrong(("predict", "runs/none", "t.csv"), 3, "H201", ("runs/none",)),
    "new rows that are not there": Wrong(("predict", "B", "none.csv"), 3, "H201", ("none.csv",)),
    "no new rows": Wrong(("predict", "B"), 2, "H101", ("DATA",)),
    "rows without answers": Wrong(("evaluate", "B", "t.csv"), 3, "H321|H310", ()),
    "an empty log": Wrong(("monitor", "B", "log.sqlite"), 3, "H702|H704", ("log.sqlite",), _empty_log),
    "a database that is no log": Wrong(("monitor", "B", "shop.db"), 3, "H703", ("orders",), _sqlite),
    "labels that are not there": Wrong(
        ("monitor", "B", "log.sqlite", "--labels", "none.csv"), 3, "H201", ("none.csv",), _empty_log
    ),
    "no such form to export": Wrong(("export", "B", "--to", "pickle"), 2, "H103", ("onnx",)),
    "a port in use": Wrong(("serve", "B", "--port", "PORT", "--no-log"), 2, "H602", ("--port 0",)),
    "a port beyond all": Wrong(("serve", "B", "--port", "99999", "--no-log"), 2, "H603|H102", ("99999",)),
    "an address of another machine": Wrong(
        ("serve", "B", "--host", "203.0.113.9", "--no-log"), 2, "H603", ("203.0.113.9",)
    ),
    "folders that are no runs": Wrong(("compare", ".", "B"), 2, "H114", ("run",)),
    "a report of no run": Wrong(("report", "."), 3, "H201", ("journal",)),
    "the state of no run": Wrong(("status", "none"), 3, "H201|H114", ("none",)),
    "reasons without a row": Wrong(("explain", "B", "17"), 2, "H101|H102", ("--data",)),
    "reasons for no JSON": Wrong(("explain", "B", "{a: 1"), 2, "H101", ("JSON",)),
    "a challenger without a recipe": Wrong(("retrain", "B", "t.csv"), 2, "H102", ("recipe",)),
    "settings of no model": Wrong(("tune", "t.csv", "--target", "left"), 2, "H101", ("--model",)),
    "settings of an unknown model": Wrong(
        ("tune", "t.csv", "--target", "left", "--model", "lightgmb"), 2, "H103", ("lightgbm",)
    ),
    "a space that is no space": Wrong(SPACE, 2, "H102|H103", ("s.yaml",), spec("- 1\n- 2\n")),
    "an experiment without a setting": Wrong(
        ("experiment", "t.csv", "--target", "left", "--model", "lightgbm"), 2, "H101", ("--vary",)
    ),
    "a demo in words": Wrong(("demo", "--budget", "short"), 2, "H102", ("60s",)),
    "no such family": Wrong(("models", "--family", "forrest"), 2, "H103", ("forest",)),
    "a look at nothing": Wrong(("inspect", "none.csv"), 3, "H201", ("t.csv",)),
    "a page under a file": Wrong(("inspect", "t.csv", "--out", "t.csv/p.html"), 2, "H108", ("--out",)),
    "a definition under a file": Wrong(("define", "t.csv", "--out", "t.csv/s.yaml"), 2, "H108", ("--out",)),
    "nothing to define": Wrong(("define",), 2, "H101", ("DATA",)),
    "a time beyond all": Wrong(("verify", "B", "--within", "-1"), 2, "H102", ("--within",)),
}  # fmt: skip


def make(case: Wrong, folder: Path) -> None:
    """Write what the case needs; a good table where it says nothing."""
    if case.files is None or (
        callable(case.files) and case.files is not _loop and case.files is not _pipe
    ):
        (folder / "t.csv").write_text(GOOD)
    if isinstance(case.files, dict):
        for name, holds in case.files.items():
            (folder / name).write_bytes(holds.encode() if isinstance(holds, str) else holds)
    elif case.files is not None:
        case.files(folder)


@contextmanager
def port_in_use() -> Iterator[str]:
    """The number of a port at which something listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield str(taken.getsockname()[1])


def listing(folder: Path) -> dict[str, int]:
    """Every path below a folder with its size."""
    return {str(p.relative_to(folder)): p.lstat().st_size for p in sorted(folder.rglob("*"))}


__all__ = [
    "COMMANDS",
    "FILES",
    "GOOD",
    "OPTIONS",
    "SPECS",
    "Wrong",
    "listing",
    "make",
    "port_in_use",
]
