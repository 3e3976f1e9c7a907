"""Proof 2 of trust: the leaks that real tables bring along, and what is said of them without a hint.

    python bench/trust_natural.py [--only NAME,..] [--store bench/trust_leaks.jsonl]

``manifest.json`` of the data folder ($HELDOUT_DATA) names columns to drop for an honest model
(``leaks``) and such as only the person can judge (``suspect_leaks``). Each table is audited as a
run would do it; a column is found (set aside), asked (a question or warning names it), or missed.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from heldout.audits.finding import Finding, Look
from heldout.audits.review import review
from heldout.audits.tidy import tidy
from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.splits.folds import three
from heldout.splits.protocol import plan
from heldout.splits.samples import make_samples
from heldout.tables.read import read
from heldout.tasks.state import encode, state
from heldout.workflow.protocol import find
from heldout.workflow.quick import quick_learner
from heldout.workflow.spec import Spec
from trust_page import Store

MOST_ROWS = 5_000


def audit(path: Path, target: str) -> tuple[list[str], list[Finding]]:
    """Column names, and the findings of all passes before training, on open rows."""
    table = read(path)
    target = target if target in table.schema else table.schema.names[int(target)]
    table = table.with_schema(table.schema.with_roles({target: "target"}, "the target"))
    task = state(table, target)
    y = encode(task, table)
    table, y = table.take(np.flatnonzero(~np.isnan(y))), y[~np.isnan(y)]
    seed, never, learner = Seed(0), Deadline.never(), quick_learner(task)
    found = list(review(Look(table, None, None, (), seed, never), "structure"))
    table, task, seen = find(table, task, y, Spec(), learner, seed, never)
    samples = make_samples(table, task)
    rows = plan(samples, y, task, seed).open
    if len(rows) > MOST_ROWS:
        rows = np.sort(seed.child("rows").rng().choice(rows, MOST_ROWS, replace=False))
    unit = (samples.copy_of if samples.group is None else samples.group)[rows]
    folds = three(len(rows), y[rows], unit, seed)
    group = None if samples.group is None else unit
    look = Look(table.take(rows), task, y[rows], folds, seed, never, learner, group, rows)
    return table.schema.names, tidy([*found, *seen, *review(look, "target")])


def judged(name: str, entry: Mapping[str, Any], folder: Path) -> Iterator[dict[str, object]]:
    """One line a column that leaks, and one for what else was set aside or asked about."""
    names, findings = audit(folder / entry["path"], str(entry["target"]))
    leaks = [_named(c, names) for c in entry.get("leaks") or []]
    doubtful = [_named(c, names) for c in entry.get("suspect_leaks") or []]
    said: dict[str, list[str]] = {}
    for finding in findings:
        asks = finding.question.startswith("Would you know")
        if finding.severity == "block" or asks:
            for column in finding.where:
                how = "block" if finding.severity == "block" else "ask"
                said.setdefault(column, []).append(f"{how} {finding.code}")
    for column in [*leaks, *doubtful]:
        told = said.pop(column, [])
        blocked = any(t.startswith("block") for t in told)
        outcome = "found" if blocked else "asked" if told else "missed"
        yield {
            "what": "natural", "table": name, "column": column, "outcome": outcome,
            "by": sorted({t.split()[1] for t in told}), "doubtful": column in doubtful,
        }  # fmt: skip
    others = {c: sorted(set(t)) for c, t in said.items()}
    yield {"what": "natural", "table": name, "column": "", "outcome": "others", "by": others}


def _named(column: object, names: list[str]) -> str:
    return names[column] if isinstance(column, int) else str(column)


def main() -> None:
    """Print a line a column; with --store keep them for the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="")
    parser.add_argument("--store", type=Path)
    said = parser.parse_args()
    here = Path(__file__).resolve().parent.parent
    folder = Path(os.environ.get("HELDOUT_DATA", here.parent / "shared" / "data"))
    for entry in json.loads((folder / "manifest.json").read_text())["datasets"]:
        name = str(entry["name"])
        wanted = not said.only or name in said.only.split(",")
        if wanted and (entry.get("leaks") or entry.get("suspect_leaks")):
            for line in judged(name, entry, folder):
                if said.store:
                    Store(said.store, "natural").add(line)
                print(name, line["column"] or "others:", line["outcome"], line["by"], flush=True)


if __name__ == "__main__":
    main()
