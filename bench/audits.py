"""Write docs/audits.md: every question that is asked of the data, from the checks themselves.

python bench/audits.py           # writes the page
python bench/audits.py --check   # exit 1 if the page is stale
python bench/audits.py --rates   # how often each check speaks of clean tables of 200 rows
"""

from __future__ import annotations

import sys
from pathlib import Path

from heldout.audits.finding import CHECKS, CheckCard
from heldout.testing.audits import false_alarms

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "audits.md"
TABLES = 60
PASSES = {
    "structure": (
        "Before the seal: structure",
        "All rows, never the target. Cells are looked at in at most 100,000 rows drawn once.",
    ),
    "protocol": (
        "Who may validate whom",
        "All rows with the target, which is read for this alone: groups and time that nobody named.",
    ),
    "target": (
        "With the target, on open rows",
        "Sealed rows stay shut. At most 20,000 open rows (5,000 under a budget below 60 s).",
    ),
    "production": (
        "Beside rows of production",
        "With `--production FILE`, on `run` and `inspect`. No model learns from these rows.",
    ),
    "trained": (
        "Once more, after training",
        "With out-of-fold predictions and importances. Takes at most 4 % of the budget (10 s); "
        "without time left it is skipped, and the journal says so.",
    ),
}


def page() -> str:
    """The whole page as Markdown."""
    cards = sorted(CHECKS.all(), key=lambda c: c.code)
    parts = [
        "# What is asked of the data",
        "",
        "Made by `python bench/audits.py` from the checks; do not edit.",
        "",
        f"{len(cards)} questions, one file each. Every finding says what was seen with its number,",
        "why it matters, and what was done or should be. `block` sets a column aside (`--keep`",
        "overrules), `warn` wants a look, `note` is worth knowing. What had no time (A000) and what",
        'does not apply, with its reason (A001), is named. "False alarms": the largest share of',
        "clean tables, from 200 to 500,000 rows, in which the check may speak; 0 where a fact is",
        "counted and nothing is inferred. `python bench/audits.py --rates` measures it.",
        "",
    ]
    for reads, (title, told) in PASSES.items():
        parts += [f"## {title}", "", told, ""]
        parts += [
            "| code | asks | worst | speaks when | false alarms | what is done |",
            "|---|---|---|---|---|---|",
        ]
        parts += [_row(c) for c in cards if c.reads == reads] + [""]
    return "\n".join(parts).rstrip() + "\n"


def _row(card: CheckCard) -> str:
    source = f" ({card.source})" if card.source else ""
    cells = [
        card.code,
        card.question,
        "measures" if card.informs else f"`{card.severity}`",
        card.rule + source,
        f"{card.false_alarms:.1%}" if card.false_alarms else "0",
        card.does,
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def rates() -> None:
    """Measured rates; * where a check speaks more often than its card says it may (99.9 %)."""
    from scipy.special import bdtrc

    for card in sorted(CHECKS.all(), key=lambda c: c.code):
        spoke, asked = false_alarms(card, 200, TABLES)
        too_often = spoke and bdtrc(spoke - 1, asked, max(card.false_alarms, 1e-9)) < 0.001
        print(f"{card.code} {spoke:3d} of {asked:3d}{' *' if too_often else ''}  {card.question}")


if __name__ == "__main__":
    if "--rates" in sys.argv:
        rates()
        sys.exit(0)
    text = page()
    if "--check" in sys.argv:
        stale = not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text
        sys.exit("docs/audits.md is stale: run python bench/audits.py" if stale else 0)
    PAGE.write_text(text, encoding="utf-8")
