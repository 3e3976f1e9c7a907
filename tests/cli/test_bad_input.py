"""Bad input: every mistake has a code, an exit code and a way out, and leaves nothing behind."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from heldout.bundle.archive import canonical, pack, unpack
from heldout.bundle.write import write
from heldout.workflow.folder import RunFolder, claim
from small_bundles import content

ROWS = "".join(f"{i % 7},{i % 3},{'yes' if i % 5 < 2 else 'no'}\n" for i in range(60))
GOOD = "a,b,left\n" + ROWS
WIDE = (
    ",".join([*(f"c{i}" for i in range(1000)), "left"])
    + "\n"
    + "".join("1," * 1000 + ("yes" if i % 2 else "no") + "\n" for i in range(40))
)
RAGGED = GOOD.replace("\n", "\n1,2,3,4,5,6\n1\n", 20)

# name: (what the file holds, options after --target left, exit code, code, a word of the message)
BAD: dict[str, tuple[bytes | None, list[str], int, str, str]] = {
    "no file": (None, [], 3, "H201", "table.csv"),
    "empty": (b"", [], 3, "H203", "nothing"),
    "header only": (b"a,b,left\n", [], 3, "H204", "--no-header"),
    "ragged": (RAGGED.encode(), [], 3, "H206|H205", "line"),
    "binary bytes": (bytes(range(256)) * 40, [], 3, "H208", "read"),
    "no such target": (GOOD.replace("left", "Left").encode(), [], 2, "H104", '"Left"'),
    "one class": (GOOD.replace("yes", "no").encode(), [], 3, "H251", "no"),
    "no answers": (
        GOOD.replace(",yes", ",").replace(",no", ",").encode(), [], 3, "H252", "missing"
    ),
    "two rows": (b"a,b,left\n1,2,yes\n3,4,no\n", [], 3, "H261|H253", "rows"),
    "constant columns": (WIDE.encode(), [], 3, "H262|H220", "the same value in every row"),
    "unknown metric": (GOOD.encode(), ["--metric", "roc_auk"], 2, "H103", "roc_auc"),
    "metric of another task": (GOOD.encode(), ["--metric", "rmse"], 2, "H105", "rmse"),
    "negative budget": (GOOD.encode(), ["--budget", "-5"], 2, "H102", "--budget"),
    "no work": (GOOD.encode(), ["--work", "0"], 2, "H102", "--work"),
    "unknown model": (GOOD.encode(), ["--models", "lightgmb"], 2, "H103", "lightgbm"),
    "unknown group": (GOOD.encode(), ["--group", "bb"], 2, "H104", '"b"'),
    "unknown option": (GOOD.encode(), ["--buget", "5s"], 2, "H101", "--budget"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_tables_and_options(name: str, tmp_path: Path, here: Any) -> None:
    """Code, exit code and a word that helps; no folder, no part of a file is left."""
    holds, options, exit_code, codes, word = BAD[name]
    table = tmp_path / "table.csv"
    if holds is not None:
        table.write_bytes(holds)
    run = ["run", table, "--target", "left", "--out", tmp_path / "runs" / "a", "--quiet", "--json"]
    said = here(*run, *options)
    assert said.code == exit_code, said.all
    assert said.values["code"] in codes.split("|"), said.all
    assert said.values["exit"] == exit_code
    assert word in said.all
    assert said.err.startswith(f"error {said.values['code']}: ")
    assert "Traceback" not in said.all
    assert f"(exit code {exit_code})" in said.err
    assert [p.name for p in tmp_path.iterdir()] == ([] if holds is None else ["table.csv"])


def test_an_error_in_a_process_of_its_own(tmp_path: Path, heldout: Any) -> None:
    """The exit code leaves the process; standard output stays empty without --json."""
    (tmp_path / "t.csv").write_text(GOOD.replace("left", "Left"))
    said = heldout("run", "t.csv", "--target", "left", cwd=tmp_path)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("error H104: ")
    assert "Traceback" not in said.err
    assert [p.name for p in tmp_path.iterdir()] == ["t.csv"]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["predikt"], "predict"),
        (["run", "--tarjet", "x"], "--target"),
        (["run", "t.csv"], "--target"),
        (["predict"], "BUNDLE"),
        (["export", "x.heldout"], "--to"),
        (["monitor", "a", "b", "--fail-on", "loud"], "warn"),
        (["learn", "H999"], "H999"),
    ],
)
def test_commands_and_options_that_do_not_exist(arguments: list[str], word: str, here: Any) -> None:
    """The nearest name, or what is missing; exit 2, as text and as one JSON object."""
    said = here(*arguments)
    assert said.code == 2, said.all
    assert said.out == ""
    assert word in said.all
    again = here(*arguments, "--json")
    assert again.code == 2
    assert again.values["exit"] == 2


def test_a_folder_of_another_run_and_a_foreign_one(tmp_path: Path, here: Any) -> None:
    """H106 with a free name; what lies there is not touched."""
    table = tmp_path / "t.csv"
    table.write_text(GOOD)
    other = RunFolder(tmp_path / "other")
    claim(other, "another-run").release()
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "thesis.txt").write_text("mine")
    for folder in (other.path, foreign):
        before = sorted((p.name, p.stat().st_mtime_ns) for p in folder.iterdir())
        said = here("run", table, "--target", "left", "--out", folder, "--quiet")
        assert said.code == 2
        assert "error H106" in said.err
        assert f"{folder.name}-2" in said.all
        assert sorted((p.name, p.stat().st_mtime_ns) for p in folder.iterdir()) == before


def test_two_runs_into_one_folder_at_once(tmp_path: Path, here: Any) -> None:
    """The second one is told and leaves the first one's record alone."""
    from heldout.tables.read import read
    from heldout.workflow.define import load
    from heldout.workflow.fingerprint import fingerprint
    from heldout.workflow.spec import resolve

    table = tmp_path / "t.csv"
    table.write_text(GOOD)
    assert read(table).rows == 60
    spec = resolve({"data": str(table), "target": "left", "work": 1})
    folder = RunFolder(tmp_path / "a")
    lock = claim(folder, spec.identity(fingerprint(load(str(table), spec))))
    try:
        said = here("run", table, "--target", "left", "--work", 1, "--out", folder.path, "--quiet")
    finally:
        lock.release()
    assert said.code == 2, said.all
    assert "error H107" in said.err
    assert folder.path.exists()
    assert not folder.journal.exists()


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A small bundle that answers."""
    path = tmp_path / "small.heldout"
    write(path, content())
    return path


def test_a_bundle_with_one_byte_changed(bundle: Path, here: Any) -> None:
    """H502 names the member that changed."""
    with zipfile.ZipFile(bundle) as archive:
        info = archive.getinfo("model.onnx")
    raw = bytearray(bundle.read_bytes())
    raw[info.header_offset + 30 + len("model.onnx") + info.compress_size // 2] ^= 1
    bundle.write_bytes(raw)
    for command in (["verify"], ["predict", "rows.csv"], ["export", "--to", "onnx"]):
        said = here(command[0], bundle, *command[1:], "--json")
        assert said.code == 3, said.all
        assert said.values["code"] == "H502"
    assert [p.name for p in bundle.parent.iterdir()] == [bundle.name]


def test_a_bundle_of_a_newer_format(bundle: Path, here: Any) -> None:
    """H503, before anything else of it is believed."""
    newer = bundle.with_name("newer.heldout")
    members, manifest = unpack(bundle.read_bytes(), bundle)
    members["manifest.json"] = canonical({**manifest, "format_version": 99, "digests": {}})
    newer.write_bytes(pack(members))
    said = here("verify", newer, "--json")
    assert said.code == 3, said.all
    assert said.values["code"] == "H503"


def test_no_bundle_at_all(tmp_path: Path, here: Any) -> None:
    """A missing file, a text file, an empty folder."""
    (tmp_path / "text.heldout").write_text("no zip")
    (tmp_path / "empty").mkdir()
    for name in ("absent.heldout", "text.heldout", "empty"):
        said = here("verify", tmp_path / name, "--json")
        assert said.code == 3, said.all
        assert said.values["code"] in ("H201", "H505", "H506")
        assert "Traceback" not in said.all


def test_a_column_missing_at_prediction(bundle: Path, tmp_path: Path, here: Any) -> None:
    """H310 before any row is answered; no answers are written."""
    (tmp_path / "new.csv").write_text("something,else\n1,2\n3,4\n")
    said = here("predict", bundle, tmp_path / "new.csv", "--out", tmp_path / "o.csv", "--json")
    assert said.code == 3, said.all
    assert said.values["code"] == "H310"
    assert not (tmp_path / "o.csv").exists()


def test_the_first_error_of_the_screens_word_for_word(
    tmp_path: Path, here: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is wrong, the value, what it would have spoiled, a command to paste, what was written."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "telco churn.csv").write_text(GOOD.replace("left", "Churn"))
    said = here("run", "telco churn.csv", "--target", "churned", "--quiet")
    assert (said.code, said.out) == (2, "")
    assert said.err.splitlines() == [
        'error H104: telco churn.csv has no column "churned"',
        '  seen  3 columns: a, b, Churn; the nearest name is "Churn"',
        "  why   the target is the column to predict",
        "  do    heldout run 'telco churn.csv' --target Churn",
        "Nothing was written. (exit code 2)",
    ]


def test_no_known_answers_to_evaluate_with(bundle: Path, tmp_path: Path, here: Any) -> None:
    """H321 names the target's column and how to rename one."""
    write_csv(tmp_path / "new.csv")
    said = here("evaluate", bundle, tmp_path / "new.csv", "--json")
    assert (said.code, said.values["code"]) == (3, "H321"), said.all
    assert "--rename OLD=left" in said.all


def test_an_altered_journal(tmp_path: Path, here: Any) -> None:
    """H501 names the line; nothing is told from such a record, and the page is not written."""
    from heldout.core.journal import Journal

    journal = Journal(tmp_path / "journal.jsonl")
    for decision in ("begun", "read", "stated"):
        journal.append("start", decision, "")
    lines = journal.path.read_text(encoding="utf-8").splitlines(keepends=True)
    journal.path.write_text(lines[0] + lines[1].replace("read", "fake") + lines[2], "utf-8")
    for command in ("report", "status"):
        said = here(command, tmp_path, "--json")
        assert (said.code, said.values["code"]) == (3, "H501"), said.all
        assert "line 3" in said.all
    assert not (tmp_path / "report.html").exists()


@pytest.mark.parametrize(
    ("options", "code", "word"),
    [
        (["--rename", "x"], "H102", "--rename"),
        (["--out", "FOLDER"], "H108", "folder"),
        (["--out", "answers.xlsx"], "H102", "answers.csv"),
        (["--out", "/proc/heldout/answers.csv"], "H108", "/proc/heldout"),
    ],
)
def test_answers_that_cannot_be_written(
    options: list[str], code: str, word: str, bundle: Path, tmp_path: Path, here: Any
) -> None:
    """Told as a mistake of the command, not as a defect of ours."""
    (tmp_path / "FOLDER").mkdir()
    write_csv(tmp_path / "rows.csv")
    options = [str(tmp_path / o) if o in ("FOLDER", "answers.xlsx") else o for o in options]
    said = here("predict", bundle, tmp_path / "rows.csv", *options, "--json")
    assert (said.code, said.values["code"]) == (2, code), said.all
    assert word in said.all
    assert not list(tmp_path.rglob("answers*"))


def write_csv(path: Path) -> None:
    """Rows that the small bundle can answer."""
    import polars

    from small_bundles import SCHEMA, table

    columns = table(5)
    polars.DataFrame({c.name: columns[c.name] for c in SCHEMA.inputs}).write_csv(path)


def test_a_run_folder_that_cannot_be_made(tmp_path: Path, here: Any) -> None:
    """H108 names the folder."""
    (tmp_path / "t.csv").write_text(GOOD)
    for out in ("/proc/heldout", tmp_path / "t.csv" / "x"):
        said = here(
            "run", tmp_path / "t.csv", "--target", "left", "--out", out, "--json", "--quiet"
        )
        assert (said.code, said.values["code"]) == (2, "H108"), said.all


@pytest.fixture
def small_disk(tmp_path: Path) -> Any:
    """A file system of 200 KB, where this machine lets one be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    done = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(place)],
        capture_output=True, check=False,
    )  # fmt: skip
    if not done or done.returncode:
        pytest.skip("no file system can be mounted here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk(small_disk: Path, tmp_path: Path, here: Any) -> None:
    """Exit 5; no half of a file stays."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3000, 8))
    table = tmp_path / "t.csv"
    y = np.where(x[:, 0] > 0, "yes", "no")
    lines = [",".join([*(f"{v:.6f}" for v in row), w]) for row, w in zip(x, y, strict=True)]
    table.write_text("a,b,c,d,e,f,g,h,left\n" + "\n".join(lines) + "\n")
    said = here(
        "run",
        table,
        "--target",
        "left",
        "--work",
        2,
        "--out",
        small_disk / "a",
        "--quiet",
        "--json",
    )
    assert said.code == 5, said.all
    assert said.values["code"] == "H802", said.all
    assert not list(small_disk.rglob("*.part"))
    assert not list(small_disk.rglob("*.heldout"))


def test_a_full_disk_while_answers_are_written(
    bundle: Path, tmp_path: Path, here: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """H802, whoever met it; the old file or none."""
    from heldout.workflow import answer

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "out.csv")

    monkeypatch.setattr(answer, "predict_file", full)
    said = here("predict", bundle, tmp_path / "n.csv", "--json")
    assert (said.code, said.values["code"]) == (5, "H802")


def test_no_memory_and_our_own_defects(
    bundle: Path, here: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """H803 is exit 5; a defect is exit 1, keeps its traceback in a file and shows none."""
    from heldout.workflow import answer

    for error, code, exit_code in ((MemoryError(), "H803", 5), (KeyError("x"), "H901", 1)):

        def broken(*_: object, error: Exception = error, **__: object) -> None:
            raise error

        monkeypatch.setattr(answer, "predict_file", broken)
        said = here("predict", bundle, "n.csv", "--json")
        assert (said.code, said.values["code"]) == (exit_code, code)
        assert "Traceback" not in said.all
        if code == "H901":
            kept = Path(said.values["do"][0].split("the traceback is in ")[1].split(";")[0])
            assert "KeyError" in kept.read_text(encoding="utf-8")
            kept.unlink()


def test_the_version_and_the_help(heldout: Any) -> None:
    """Both answer on standard output with exit 0."""
    said = heldout("--version")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("heldout ")
    assert sys.version_info >= (3, 11)
