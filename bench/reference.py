"""Write docs/reference.md: every command, model, metric, check and error code, from the code itself.

python bench/reference.py          # writes the page
python bench/reference.py --check  # exit 1 if the page is stale
"""

from __future__ import annotations

import sys
from pathlib import Path

from click.testing import CliRunner

from heldout.audits.finding import CHECKS
from heldout.cli.main import COMMANDS, LATER, heldout
from heldout.core.errors import catalogue
from heldout.metrics.score import METRICS
from heldout.models.card import CALIBRATORS, MODELS
from heldout.monitor.alarm import ALARMS
from heldout.primitives.card import PRIMITIVES

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference.md"


def page() -> str:
    """The whole page as Markdown."""
    parts = [
        "# Reference",
        "",
        "Made by `python bench/reference.py` from the code; do not edit.",
        "",
        "## Commands",
        "",
        *_help(),
    ]
    for name in COMMANDS:
        if name not in LATER:
            parts += [f"### heldout {name}", "", *_help(name)]
    return "\n".join(parts + _models() + _metrics() + _checks() + _rest() + _codes()) + "\n"


def _help(*command: str) -> list[str]:
    told = CliRunner().invoke(heldout, [*command, "--help"], prog_name="heldout")
    return ["```text", *[line.rstrip() for line in told.output.rstrip().split("\n")], "```", ""]


def _table(heads: list[str], rows: list[list[str]]) -> list[str]:
    lines = [heads, ["---"] * len(heads), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]


def _models() -> list[str]:
    rows = [
        [f"`{c.name}`", c.family, ", ".join(c.tasks), "yes" if c.bundles else "no", c.summary,
         c.when, c.when_not, c.invented]
        for c in MODELS.all()
    ]  # fmt: skip
    heads = [
        "model",
        "family",
        "tasks",
        "in a bundle",
        "what it is",
        "when",
        "when not",
        "invented",
    ]
    calibrators = [[f"`{c.name}`", c.summary] for c in CALIBRATORS.all()]
    return [
        "## Models", "", *_table(heads, rows), "",
        "Calibrators (they correct probabilities so that of 100 cases called 30 %, 30 happen):", "",
        *_table(["calibrator", "what it is"], calibrators), "",
    ]  # fmt: skip


def _metrics() -> list[str]:
    rows = [
        [f"`{c.name}`", c.title, ", ".join(c.forms), "more" if c.greater_is_better else "less",
         c.words]
        for c in METRICS.all()
    ]  # fmt: skip
    heads = ["metric", "title", "tasks", "better is", "in words"]
    return ["## Metrics", "", *_table(heads, rows), ""]


def _checks() -> list[str]:
    cards = sorted(CHECKS.all(), key=lambda c: c.code)
    rows = [[c.code, c.question, "all rows, never the target" if c.reads == "structure"
             else "open rows with the target"] for c in cards]  # fmt: skip
    return ["## Checks of the data", "", *_table(["code", "question", "looks at"], rows), ""]


def _rest() -> list[str]:
    primitives = [[f"`{c.name}`", ", ".join(c.reads), c.summary] for c in PRIMITIVES.all()]
    alarms = [[f"`{c.name}`", c.question, c.advice] for c in ALARMS.all()]
    return [
        "## Primitives (fitted steps before a model)", "",
        *_table(["primitive", "reads", "what it does"], primitives), "",
        "## Alarms of `heldout monitor`", "", *_table(["alarm", "question", "what to do"], alarms), "",
    ]  # fmt: skip


def _codes() -> list[str]:
    codes = [[code, str(said["exit"]), said["title"], said["more"]]
             for code, said in sorted(catalogue().items())]  # fmt: skip
    return ["## Error codes", "", *_table(["code", "exit", "what", "more"], codes)]


if __name__ == "__main__":
    text = page()
    if "--check" in sys.argv:
        stale = not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text
        sys.exit("docs/reference.md is stale: run python bench/reference.py" if stale else 0)
    PAGE.write_text(text, encoding="utf-8")
