"""``heldout inspect DATA``: every column with its kind and part, and what the audits find.

Without a target the structure is looked at; with one, the leak rules run on open rows only: the
rows that a run would seal stay shut.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from heldout.audits.finding import Finding, Look
from heldout.audits.review import review
from heldout.audits.tidy import tidy
from heldout.core.clock import Deadline
from heldout.core.names import count, plural
from heldout.core.seed import Seed
from heldout.splits.folds import three
from heldout.splits.protocol import plan as make_plan
from heldout.splits.samples import make_samples
from heldout.tables.table import Table
from heldout.tasks.state import encode
from heldout.workflow.define import load, stated
from heldout.workflow.production import compared
from heldout.workflow.quick import quick_learner
from heldout.workflow.spec import Spec, resolve
from heldout.workflow.told import Told, lines

SECONDS = 60.0
MOST_ROWS = 20_000
WORDS = {"block": "LEAK", "warn": "Look at", "note": "Note"}


def inspect(said: Mapping[str, Any]) -> Told:
    """The columns and the findings by severity, worst first."""
    spec = resolve(said)
    table = load(spec.data, spec)
    until = Deadline.after(SECONDS)
    plain = Look(table, None, None, (), Seed(spec.seed), until)
    found = list(review(plain, "structure"))
    if not spec.target:
        found += compared(plain, spec)
    else:
        found += _with_target(table, spec, until)
    rows = [("Read", f"{plural(table.rows, 'row')}, {plural(len(table.schema), 'column')}")]
    rows += [("", note) for note in table.notes]
    width = min(30, max(len(c.name) for c in table.schema) + 2)
    head = f"{'column':<{width}}{'kind':<10}{'part':<9}{'missing':>8}  why"
    body = [
        f"{c.name[: width - 2]:<{width}}{c.kind:<10}{c.role:<9}{count(c.nulls):>8}  {c.reason}"[
            :120
        ]
        for c in table.schema
    ]
    ranked = tidy(found)
    told = [(WORDS[f.severity], _sentence(f)) for f in ranked] or [("Findings", "none")]
    text = "\n".join([lines(rows), "", head, *body, "", lines(told)])
    values = {
        "rows": table.rows,
        "columns": table.schema.as_dict(),
        "notes": list(table.notes),
        "findings": [f.as_dict() for f in ranked],
    }
    return Told(text, values)


def _with_target(table: Table, spec: Spec, until: Deadline) -> list[Finding]:
    """The checks that read the target, on open rows."""
    task = stated(table, spec)
    y = encode(task, table)
    known = np.flatnonzero(~np.isnan(y))
    table, y = table.take(known), y[known]
    samples = make_samples(table, task)
    opened = make_plan(samples, y, task, Seed(spec.seed)).open
    if len(opened) > MOST_ROWS:
        rng = Seed(spec.seed).child("audit", "rows").rng()
        opened = np.sort(rng.choice(opened, MOST_ROWS, replace=False))
    unit = samples.copy_of if samples.group is None else samples.group
    folds = three(len(opened), y[opened], unit[opened], Seed(spec.seed).child("audit", "folds"))
    look = Look(
        table.take(opened),
        task,
        y[opened],
        folds,
        Seed(spec.seed).child("audit"),
        until,
        quick_learner(task),
        None if samples.group is None else samples.group[opened],
        opened,
    )
    return [*review(look, "target"), *compared(look, spec)]


def _sentence(finding: Finding) -> str:
    parts = [finding.what, finding.why, finding.question or finding.advice]
    told = [p[0].upper() + p[1:] + ("" if p.endswith(("?", ".")) else ".") for p in parts if p]
    return " ".join(told)
