"""docs/trust-coverage.md from what ``coverage.py`` measured."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

LEAST, WIDE = 0.92, 0.98
FEWEST = 20  # intervals, to say anything of them
TITLES = {
    "seal": "Sealed: one model on new rows",
    "cross-validated": "Cross-validated: one recipe",
    "winner": "Cross-validated: the best of ten recipes",
    "ensemble": "Cross-validated: the program's own blend",
}
STRUCTURES = {"row": "rows", "group": "groups", "time": "time"}
HEAD = """# How often the intervals hold the truth

Made by `python bench/coverage.py` and `python bench/coverage.py --page`; the figures are in
`bench/coverage.jsonl`. 0.950 is promised. What is claimed of whom stands in
[why you can believe the score](believe.md#intervals): a seal judges the one model of the bundle;
without one the average score of the recipe at this many rows is meant (by time: trained on the
third to all of them that the steps forward had), and for the winner it is corrected for the choice.

Populations are made (classes with linear logits; values with normal, t3 and lognormal errors) or
real tables, from which rows are drawn without replacement (their truth is the score on the whole
table; where a tenth or more is drawn the interval is a little wide). Learners are linear, with a
closed form. Rows of groups share an effect that no column shows, rows in order of time a shock
with a memory of 0.9. "simulation" is the standard error of the figure itself. The half-width of
the interval is given where the coverage exceeds 98 %. "refused": draws in which no interval was
printed (a cell with fewer than 20 intervals counts as refused). Values below 0.92 are marked `*`, and `?` where the simulation cannot tell them from 0.92.
"""


def write(store: Path, page: Path) -> None:
    """The whole page."""
    rows = [json.loads(line) for line in store.read_text(encoding="utf-8").splitlines()]
    for row in rows:
        if row["holds"] is not None and (1 - row["withheld"]) * row["draws"] < FEWEST:
            row["holds"] = None
    printed = [r for r in rows if r["holds"] is not None]
    low = [r for r in printed if r["holds"] < LEAST]
    sure = [r for r in low if r["holds"] + 2 * r["error"] < LEAST]
    refused = sum(r["holds"] is None for r in rows)
    some = sum(0 < r["withheld"] < 1 for r in rows)
    lines = [
        HEAD,
        f"{len(rows)} cells. In {len(printed)} an interval is printed: {len(printed) - len(low)} "
        f"reach 92 %, {len(low) - len(sure)} lie below within the error of the simulation, "
        f"{len(sure)} below it. {refused} cells refuse throughout, {some} in some draws.",
        "",
    ]
    if sure:
        lines += ["Below 92 % beyond doubt:", ""]
        lines += [
            f"- {TITLES[r['kind']]}, {r['population']}, by {STRUCTURES[r['structure']]}, "
            f"{r['n']:,} rows, {r['metric']}: {r['holds']:.3f} +- {r['error']:.3f}"
            for r in sorted(sure, key=lambda r: r["holds"])
        ]
        lines.append("")
    for kind, title in TITLES.items():
        lines += _table(title, [r for r in rows if r["kind"] == kind])
    page.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


def _table(title: str, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    if not rows:
        return []
    lines = [
        f"## {title}",
        "",
        "| population | by | rows | score | holds | simulation | draws | refused | half-width |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    order = sorted(rows, key=lambda r: (r["population"], r["structure"], r["n"]))
    return [*lines, *map(_line, order), ""]


def _line(r: Mapping[str, Any]) -> str:
    holds = r["holds"]
    if holds is None:
        told, error, width = "refused", "", ""
    else:
        mark = ("*" if holds + 2 * r["error"] < LEAST else "?") if holds < LEAST else ""
        told, error = f"{holds:.3f}{mark}", f"{r['error']:.3f}"
        width = f"{r['half_width']:.3g}" if holds > WIDE else ""
    cells = [
        r["population"], STRUCTURES[r["structure"]], f"{r['n']:,}", r["metric"], told, error,
        f"{r['draws']:,}", f"{r['withheld']:.0%}" if r["withheld"] else "", width,
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"
