"""docs/trust-coverage.md from what ``coverage.py`` measured."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

LEAST, WIDE = 0.92, 0.98
FEWEST = 20  # intervals, to say anything of them
Z, DENSITY = 1.96, 0.0584  # of the normal distribution at 95 %
KEYS = ("population", "structure", "kind", "n")
TITLES = {
    "seal": "Sealed: one model on new rows",
    "cross-validated": "Cross-validated: one recipe",
    "winner": "Cross-validated: the best of ten recipes",
    "ensemble": "Cross-validated: the program's own blend",
}
METRICS = {
    "roc_auc": "ROC AUC",
    "log_loss": "log loss",
    "accuracy": "accuracy",
    "f1": "F1",
    "mae": "MAE",
    "rmse": "RMSE",
}
MARKS = ("<!-- coverage: bench/coverage.py --page -->", "<!-- end of coverage -->")
STRUCTURES = {"row": "rows", "group": "groups", "time": "time"}
HEAD = """# How often the intervals hold the truth

Made by `python bench/coverage.py` and `python bench/coverage.py --page` from `bench/coverage.jsonl`; do
not edit. 0.950 is promised, 0.92 at least wherever an interval is printed.

**Of what the interval is.** A seal judges the one model of the bundle. Without one the average score of
the recipe at this many rows is meant (by time: trained on the third to all of them that the steps
forward had), and for the winner and the blend it is corrected for the choice.

**Where the truth comes from.** Populations are made (classes with linear logits; values with normal, t3
and lognormal errors), or they are real tables, from which rows are drawn without replacement: their truth
is the score on the whole table, and where a tenth or more is drawn the interval is a little wide. Learners
are linear, with a closed form. Rows of groups share an effect that no column shows, rows in order of time a
shock with a memory of 0.9.

**How to read the tables.** "simulation" is the standard error of the figure: of so many draws, and of
the truth itself, which is simulated too. The half-width of the interval is given where more than 98 % hold
the truth. "refused": draws in which no interval was printed (a cell with fewer than 20 intervals counts as
refused). Below 0.92 a figure is marked `*`, or `?` where the simulation cannot tell it from 0.92.
"""


def measured(store: Path) -> dict[str, tuple[int, int]]:
    """Of each cell in the store: (draws, parts)."""
    found: dict[str, dict[int, int]] = {}
    for line in store.read_text(encoding="utf-8").splitlines() if store.exists() else ():
        r = json.loads(line)
        found.setdefault("|".join(str(r[k]) for k in KEYS), {})[r.get("part", 0)] = r["draws"]
    return {key: (sum(parts.values()), max(parts) + 1) for key, parts in found.items()}


def pooled(store: Path) -> list[dict[str, Any]]:
    """One row a cell and metric, its parts together."""
    parts: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for line in store.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        parts.setdefault((*(row[k] for k in KEYS), row["metric"]), []).append(row)
    return [_together(rows) for rows in parts.values()]


def _together(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    draws = sum(r["draws"] for r in rows)
    weights = [r["draws"] * (1 - r["withheld"]) for r in rows]
    given = sum(weights)
    made = {**rows[0], "draws": draws, "withheld": 1 - given / draws, "holds": None, "error": None}
    if given < FEWEST:
        return made

    def mean(key: str) -> float:
        return sum(w * r[key] for w, r in zip(weights, rows, strict=True) if w) / given

    holds, half = mean("holds"), mean("half_width")
    lucks = [_luck(r, half) * w / given for w, r in zip(weights, rows, strict=True)]
    loss = DENSITY * Z * sum(x**2 for x in lucks)  # what a shifted truth costs, at second order
    chance = max(holds * (1 - holds), 0.0475 / 4) / given
    return {**made, "holds": holds, "half_width": half, "error": math.sqrt(chance + loss**2)}


def _luck(row: Mapping[str, Any], half: float) -> float:
    """Standard error of the truth, in standard errors of the score."""
    own = Z * row.get("truth_error", 0.0) / half
    real = row["population"].isidentifier()
    far = 0.0 if real else row["n"] / max(50_000, min(40 * row["n"], 400_000))
    return math.sqrt(own**2 + far)


def write(store: Path, page: Path) -> None:
    """The whole page."""
    rows = pooled(store)
    printed = [r for r in rows if r["holds"] is not None]
    low = [r for r in printed if r["holds"] < LEAST]
    sure = [r for r in low if r["holds"] + 2 * r["error"] < LEAST]
    some = sum(0 < r["withheld"] < 1 for r in printed)
    lines = [
        HEAD,
        f"{len(rows)} cells, {sum(r['draws'] for r in rows):,} draws. In {len(printed)} an interval is "
        f"printed: {len(printed) - len(low)} reach 92 %, {len(low) - len(sure)} lie below within the "
        f"error of the simulation, {len(sure)} below it. {len(rows) - len(printed)} cells refuse "
        f"throughout, {some} in some draws.",
        "",
        "| of whom | cells | printed | 92 % and more | below, within the simulation's error | below "
        "| above 98 % | lowest | median |",
        "|---|---|---|---|---|---|---|---|---|",
        *(
            _summary(title, [r for r in rows if r["kind"] == kind])
            for kind, title in TITLES.items()
        ),
        "",
    ]
    lines += _below("Below 92 % beyond doubt:", sure)
    lines += _below(
        "Below 92 %, within the error of the simulation:", [r for r in low if r not in sure]
    )
    for kind, title in TITLES.items():
        lines += _table(title, [r for r in rows if r["kind"] == kind])
    page.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    _brief(rows, page.parent / "believe.md")


def _brief(rows: Sequence[Mapping[str, Any]], page: Path) -> None:
    """The table between the marks of the page that a sceptic reads first: lowest, and median."""
    text = page.read_text(encoding="utf-8")
    if MARKS[0] not in text:
        return
    lines = [f"| | {' | '.join(METRICS.values())} |", "|---" * (1 + len(METRICS)) + "|"]
    for kind, title in TITLES.items():
        cells = []
        for metric in METRICS:
            found = [r for r in rows if (r["kind"], r["metric"]) == (kind, metric)]
            holds = sorted(r["holds"] for r in found if r["holds"] is not None)
            told = f"{holds[0]:.3f}, {holds[len(holds) // 2]:.3f}" if holds else ""
            cells.append(f"{told} ({len(holds)} of {len(found)})" if holds else "")
        lines.append(f"| {title} | {' | '.join(cells)} |")
    before, rest = text.split(MARKS[0])
    after = rest.split(MARKS[1])[1]
    made = "\n".join([MARKS[0], "", *lines, "", MARKS[1]])
    page.write_text(f"{before}{made}{after}", encoding="utf-8")


def _summary(title: str, rows: Sequence[Mapping[str, Any]]) -> str:
    printed = [r for r in rows if r["holds"] is not None]
    low = [r for r in printed if r["holds"] < LEAST]
    sure = [r for r in low if r["holds"] + 2 * r["error"] < LEAST]
    holds = sorted(r["holds"] for r in printed)
    cells = [
        title, len(rows), len(printed), len(printed) - len(low), len(low) - len(sure), len(sure),
        sum(h > WIDE for h in holds), f"{holds[0]:.3f}", f"{holds[len(holds) // 2]:.3f}",
    ]  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |"


def _below(title: str, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    told = [
        f"- {TITLES[r['kind']]}, {r['population']}, by {STRUCTURES[r['structure']]}, "
        f"{r['n']:,} rows, {r['metric']}: {r['holds']:.3f} +- {r['error']:.3f}"
        for r in sorted(rows, key=lambda r: r["holds"])
    ]
    return [title, "", *told, ""] if told else []


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
