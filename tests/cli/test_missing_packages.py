"""What is not installed is said with the package that brings it; nothing half-written stays."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from heldout.core.errors import HeldoutError

HIDING = """
import sys
hidden = set({hidden!r})
class Hides:
    def __init__(self, finder):
        self.finder = finder
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in hidden:
            return None
        return self.finder.find_spec(name, path, target)
    def __getattr__(self, name):
        return getattr(self.finder, name)
sys.meta_path[:] = [Hides(finder) for finder in sys.meta_path]
from heldout.cli.main import main
main(sys.argv[1:])
"""
GOOD = "a,b,left\n" + "".join(
    f"{i % 7},{i % 3},{'yes' if i % 5 < 2 else 'no'}\n" for i in range(60)
)


def without(packages: list[str], *arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The command line in a process that finds none of the packages."""
    return subprocess.run(
        [sys.executable, "-c", HIDING.format(hidden=packages), *map(str, arguments)],
        capture_output=True, text=True, cwd=cwd, timeout=120, check=False,
        env={**os.environ, "HELDOUT_STATE": str(cwd / "state")},
    )  # fmt: skip


def test_networks_without_keras(tmp_path: Path) -> None:
    """H109 where a network was named, in `run` and in `experiment`; exit 2."""
    (tmp_path / "t.csv").write_text(GOOD)
    asked = (
        ["run", "t.csv", "--target", "left", "--models", "dense_net", "--work", 2, "--out", "r"],
        ["experiment", "t.csv", "--target", "left", "--model", "dense_net", "--vary", "units=8,16"],
    )
    for arguments in asked:
        done = without(["keras", "jax"], *arguments, cwd=tmp_path)
        assert done.returncode == 2, done.stderr
        assert done.stderr.splitlines()[-1].endswith("(exit code 2)")
        assert "error H109: dense_net needs Keras and JAX" in " ".join(done.stderr.split())
        assert "pip install 'heldout[nets]'" in " ".join(done.stderr.split())
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("package", "source", "holds"),
    [
        ("fastexcel", "book.xlsx", "spreadsheet"),
        ("zstandard", "t.csv.zst", b"\x28\xb5\x2f\xfd" + bytes(40)),
        ("psycopg", "postgresql://me@127.0.0.1:1/shop?table=orders", None),
    ],
)
def test_formats_without_their_package(
    package: str, source: str, holds: bytes | str | None, tmp_path: Path
) -> None:
    """H222 names the package and the extra; exit 3."""
    if holds == "spreadsheet":
        import zipfile

        with zipfile.ZipFile(tmp_path / source, "w") as book:
            for name in ("[Content_Types].xml", "xl/workbook.xml"):
                book.writestr(name, "<x/>")
    elif isinstance(holds, bytes):
        (tmp_path / source).write_bytes(holds)
    done = without([package], "inspect", source, "--json", cwd=tmp_path)
    assert done.returncode == 3, done.stderr
    said = " ".join(done.stderr.split())
    assert "error H222:" in said
    assert package in said
    assert "heldout[" in said


def test_every_code_has_an_exit_code_of_its_kind() -> None:
    """An error is raised with its code alone; the catalogue gives the exit code."""
    assert HeldoutError("H109", "x").exit_code == 2
    assert HeldoutError("H222", "x").exit_code == 3
