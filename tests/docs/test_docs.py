"""The pages are true: links resolve, Python runs as it stands, generated pages are fresh."""

from __future__ import annotations

import csv
import gzip
import importlib.util
import re
import sys
from importlib import resources
from pathlib import Path
from types import ModuleType

import pytest

import heldout

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "bench" / "LOG.md"])
RUN = [p for p in PAGES if "```python\n" in p.read_text(encoding="utf-8")]
LINK = re.compile(r"\]\(([^)\s]+)\)")
LONG = "tutorial-network.md"  # trains for seconds: in make check
OF_A_TEST = {"adding-a-primitive.md", "one-network.md"}  # run by primitives/, own_networks/


def words(path: Path) -> str:
    """The page without its code."""
    return re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def anchors(path: Path) -> set[str]:
    """Names of the headings, as hosts of repositories make them."""
    heads = re.findall(r"^#+ (.*)$", words(path), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_link_resolves(page: Path) -> None:
    for link in LINK.findall(words(page)):
        if "://" in link or link.startswith("mailto:"):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{page.name} links to {link}"
        if anchor:
            assert anchor in anchors(target), f"{page.name} links to {link}"


def test_every_picture_is_small_and_has_words() -> None:
    for page in PAGES:
        for text, link in re.findall(r"!\[([^\]]*)\]\(([^)\s]+)\)", words(page)):
            assert len(text) > 20, f"{page.name}: {link} has no words"
            assert (page.parent / link).stat().st_size < 300_000


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the tables that the pages speak of; runs stay for the next page."""
    folder = tmp_path_factory.mktemp("desk")
    packed = resources.files("heldout.workflow").joinpath("data/telco_churn.csv.gz").read_bytes()
    lines = gzip.decompress(packed).decode().splitlines(keepends=True)
    (folder / "churn.csv").write_text("".join(lines), encoding="utf-8")
    (folder / "march.csv").write_text("".join([lines[0], *lines[-300:]]), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HELDOUT_STATE", str(folder / "state"))
        patch.chdir(folder)
        heldout.run("churn.csv", target="Churn", work=6)
    return folder


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(p, id=p.name, marks=[pytest.mark.slow] if p.name == LONG else [])
        for p in RUN
        if p.name not in OF_A_TEST
    ],
)
def test_the_python_of_a_page_runs(
    page: Path, desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Blocks of one page run in order, in one name space; ``record`` is a row of march.csv."""
    monkeypatch.chdir(desk)
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    with (desk / "march.csv").open(encoding="utf-8", newline="") as file:
        record = next(csv.DictReader(file))
    space: dict[str, object] = {"__name__": "page", "record": record}
    for block in blocks:
        exec(compile(block, page.name, "exec"), space)


@pytest.mark.parametrize("script", ["requirements", "reference", "audits", "diagnosis"])
def test_generated_pages_are_fresh(script: str) -> None:
    module = load(ROOT / "bench" / f"{script}.py")
    written = (ROOT / "docs" / f"{script}.md").read_text(encoding="utf-8")
    assert written == module.page(), f"stale: run python bench/{script}.py"


def load(path: Path) -> ModuleType:
    """A script as a module."""
    spec = importlib.util.spec_from_file_location(f"bench_{path.stem}", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses look up their annotations
    spec.loader.exec_module(module)
    return module
