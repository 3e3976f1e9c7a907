"""One file and its test: what the pages show, laid on its shelf as a file, is found, tried and told."""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import heldout
from heldout.audits.finding import CHECKS
from heldout.core.shelf import Shelf
from heldout.models.card import MODELS
from heldout.primitives.card import PRIMITIVES
from small_runs import entries, table

DOCS = Path(__file__).resolve().parents[2] / "docs"
SHOWN = {  # name of the file: (page, the line that its block holds, shelf)
    "nearest_mean": ("extending.md", 'name="nearest_mean"', MODELS),
    "all_negative": ("extending.md", "CHECK = CheckCard(", CHECKS),
    "signed_root": ("adding-a-primitive.md", 'name="signed_root"', PRIMITIVES),
}


def block(page: str, line: str) -> str:
    """The one block of Python on the page that holds the line; a check's card is called CARD in a file."""
    text = (DOCS / page).read_text(encoding="utf-8")
    (found,) = [b for b in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if line in b]
    return found.replace("CHECK = CheckCard(", "CARD = CheckCard(")


@pytest.fixture
def laid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The files of the pages beside those of heldout, for the time of a test."""
    for name, (page, line, shelf) in SHOWN.items():
        folder = tmp_path / name
        folder.mkdir()
        (folder / f"{name}.py").write_text(block(page, line), encoding="utf-8")
        package = importlib.import_module(shelf.package)
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder)])
    yield
    for name, (_, _, shelf) in SHOWN.items():
        shelf._cards.pop(name, None)
        sys.modules.pop(f"{shelf.package}.{name}", None)


@pytest.mark.parametrize("name", SHOWN)
def test_a_file_is_found_because_it_is_there(name: str, laid: None) -> None:
    """No list was edited, nothing was imported first; without the file there is no such name."""
    shelf: Shelf[object] = SHOWN[name][2]
    assert name in shelf.names()
    assert isinstance(shelf.get(name), shelf.card)


@pytest.mark.parametrize("name", SHOWN)
def test_without_the_file_nothing_is_left(name: str) -> None:
    """The shelf is what lies on it."""
    assert name not in SHOWN[name][2].names()


def test_a_run_tries_the_model_and_asks_the_question(tmp_path: Path) -> None:
    """In a copy of heldout with the files in their places: the workers of a run find them too."""
    import polars

    source = Path(heldout.__file__).parent
    copy = tmp_path / "src" / "heldout"
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
    for name, (page, line, shelf) in SHOWN.items():
        place = copy.joinpath(*shelf.package.split(".")[1:], f"{name}.py")
        place.write_text(block(page, line), encoding="utf-8")
    frame = polars.DataFrame(table(rows=400)).drop("house")
    below = -1.0 - (polars.Series(range(400)) % 40).cast(polars.Float64)
    frame.with_columns(below=below).write_csv(tmp_path / "t.csv")
    asked = "run t.csv --target left --models logistic,nearest_mean --work 20 --out r --json"
    done = subprocess.run(
        [sys.executable, "-m", "heldout", *asked.split()],
        capture_output=True, text=True, cwd=tmp_path, timeout=300, check=False,
        env={**os.environ, "PYTHONPATH": str(copy.parent), "HELDOUT_STATE": str(tmp_path / "state")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["answer"] == "signal"
    (board,) = entries(tmp_path / "r", "leaderboard")
    assert "nearest_mean" in {row["name"] for row in board["numbers"]["rows"]}
    (audit,) = entries(tmp_path / "r", "audit")
    assert "A190" in {f["code"] for f in audit["numbers"]["findings"]}
