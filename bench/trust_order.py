"""Which tables are taken for recordings: in their own order, a random half in order, shuffled, sorted.

    python bench/trust_order.py protocol [--only NAME,..] [--rows own|half|shuffled]
    python bench/trust_order.py structure [--draws 12]

``protocol`` searches groups and time as a run does and prints, a line a table, what was chosen and
what A501 says. ``structure`` asks for the order of shuffled subsamples of 300, 1,000 and 5,000 rows
alone, without the target, and of each table sorted by its first column of numbers: nothing may be
hidden there but what gaps or ties leave. Tables come from the data folder ($HELDOUT_DATA).
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from heldout.audits.finding import Look
from heldout.audits.order import order_of
from heldout.core.clock import Deadline
from heldout.core.errors import HeldoutError
from heldout.core.seed import Seed
from heldout.tables.read import read
from heldout.tables.table import Table
from heldout.tasks.state import encode, state
from heldout.workflow.protocol import find
from heldout.workflow.quick import quick_learner
from heldout.workflow.spec import Spec

SIZES, MOST_COLUMNS = (300, 1_000, 5_000), 100


def tables(only: str) -> Iterator[tuple[str, Table, str]]:
    """Name, table and target of every table that has one target."""
    here = Path(__file__).resolve().parent.parent
    folder = Path(os.environ.get("HELDOUT_DATA", here.parent / "shared" / "data"))
    for entry in json.loads((folder / "manifest.json").read_text())["datasets"]:
        name, path, target = str(entry["name"]), str(entry["path"]), str(entry.get("target"))
        if only and name not in only.split(","):
            continue
        if not path.startswith(("tables/", "series/")) or ".." in target or target == "None":
            continue
        try:
            table = read(folder / path)
        except HeldoutError:
            continue
        if target not in table.schema:
            target = table.schema.names[int(target)]
        yield name, table.with_schema(table.schema.with_roles({target: "target"}, "said")), target


def protocol(only: str, rows: str) -> None:
    """What is chosen, and why."""
    for name, whole, target in tables(only):
        drawn = np.random.default_rng(5).permutation(whole.rows)
        use = {
            "own": np.arange(whole.rows),
            "half": np.sort(drawn[: whole.rows // 2]),
            "shuffled": drawn[:20_000],
        }[rows]
        table = whole.take(use)
        task = state(table, target)
        y = encode(task, table)
        known = np.flatnonzero(~np.isnan(y))
        table, y = table.take(known), y[known]
        learner = quick_learner(task)
        _, task, seen = find(table, task, y, Spec(), learner, Seed(0), Deadline.never())
        told = [f for f in seen if f.code == "A501"]
        skills = [f.evidence.get(k) for f in told for k in ("skill_rows", "skill_ahead")]
        print(name, table.rows, "time", task.time, "group", task.group, skills,
              *(f.what for f in told), flush=True)  # fmt: skip


def structure(only: str, draws: int) -> None:
    """How often an order is seen where there is none."""
    asked = hidden = 0
    for name, table, _ in tables(only):
        if len(table.schema.names) > MOST_COLUMNS:
            continue
        for draw in range(draws):
            rng = np.random.default_rng([draw, 3])
            rows = rng.permutation(table.rows)[: SIZES[draw % len(SIZES)]]
            order = order_of(_look(table.take(rows)))
            asked, hidden = asked + 1, hidden + order.hidden
            if order.hidden:
                print(name, len(rows), order, flush=True)
        numbers = [c.name for c in table.schema.inputs if c.kind == "number" and c.distinct >= 10]
        if numbers:
            rows = np.random.default_rng(9).permutation(table.rows)[:3_000]
            part = table.take(rows)
            values = part.arrays([numbers[0]])[numbers[0]]
            order = order_of(_look(part.take(np.argsort(values, kind="stable"))))
            if order.hidden:
                print(name, "sorted by", numbers[0], order, flush=True)
    print(f"shuffled: hidden order in {hidden} of {asked}")


def _look(table: Table) -> Look:
    return Look(table, None, None, (), Seed(0), Deadline.never())


def main() -> None:
    """Print a line a table, or the count."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["protocol", "structure"])
    parser.add_argument("--only", default="")
    parser.add_argument("--rows", choices=["own", "half", "shuffled"], default="own")
    parser.add_argument("--draws", type=int, default=12)
    said = parser.parse_args()
    if said.what == "structure":
        structure(said.only, said.draws)
    else:
        protocol(said.only, said.rows)


if __name__ == "__main__":
    main()
