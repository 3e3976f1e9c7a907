"""Write docs/requirements.md: every requirement and golden fact with the tests that show it.

python bench/requirements.py          # writes the page
python bench/requirements.py --check  # exit 1 if the page is stale
"""

from __future__ import annotations

import ast
import csv
import re
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "requirements.md"
ID = re.compile(r"[A-Z]+-\d+")
PRIORITY = {"c": "core", "w": "wide", "e": "extra", "x": "fact"}


def marked() -> dict[str, list[str]]:
    """Requirement id to test names, read from the source without running it."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        lists = _lists(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                ids = [i for d in node.decorator_list for i in _ids(d)]
                used = {name for d in node.decorator_list for name in _names(d)}
                ids += [i for name in sorted({*used, "pytestmark"}) for i in lists[name]]
                for i in dict.fromkeys(ids):
                    found[i].append(f"{path.relative_to(ROOT)}::{node.name}")
    return found


def _lists(tree: ast.Module) -> dict[str, list[str]]:
    """Ids by the name of the module's list of cases that holds them."""
    values = {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    lists: dict[str, list[str]] = defaultdict(list)
    for name, value in values.items():
        for call in _marks(value):
            starred = {name for a in call.args for name in _names(a)}
            texts = [n for word in sorted(starred & set(values)) for n in ast.walk(values[word])]
            ids = [n.value for n in texts if isinstance(n, ast.Constant)]
            lists[name] += [i for i in ids if isinstance(i, str) and ID.fullmatch(i)]
        lists[name] += _ids(value)
    return lists


def _names(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def _marks(node: ast.AST) -> list[ast.Call]:
    calls = [n for n in ast.walk(node) if isinstance(n, ast.Call)]
    return [c for c in calls if ast.unparse(c.func).endswith("mark.requirement")]


def _ids(node: ast.AST) -> list[str]:
    args = [a for call in _marks(node) for a in call.args]
    return [str(ast.literal_eval(a)) for a in args if not isinstance(a, ast.Starred)]


def page() -> str:
    """The whole page as Markdown."""
    with (ROOT / "docs" / "requirements.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = marked()
    unknown = sorted(set(found) - {r["id"] for r in rows})
    if unknown:
        raise SystemExit(f"tests name requirements that do not exist: {unknown}")
    shown = sum(r["id"] in found for r in rows)
    lines = [
        "# What is shown, and what is not yet",
        "",
        "Made by `python bench/requirements.py` from the markers of the tests. A requirement is",
        "shown when a test names it; the rest is open work.",
        "",
        f"{shown} of {len(rows)} are shown.",
        "",
        "| id | weight | requirement | shown by |",
        "|---|---|---|---|",
    ]
    for row in rows:
        tests = "<br>".join(f"`{t}`" for t in found.get(row["id"], [])[:6]) or "**not yet**"
        what = row["what"].replace("|", "\\|")
        lines.append(f"| {row['id']} | {PRIORITY[row['priority']]} | {what} | {tests} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    text = page()
    if "--check" in sys.argv:
        stale = not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text
        sys.exit("docs/requirements.md is stale: run python bench/requirements.py" if stale else 0)
    PAGE.write_text(text, encoding="utf-8")
