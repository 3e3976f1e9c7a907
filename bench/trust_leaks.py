"""Proof 1 of trust: plant leaks in clean real tables, count what is found, and what is cried for nothing.

    python bench/trust_leaks.py dev|test [--rows 1500,500] [--draws 7] [--only TABLE,..]
        [--look 2] [--minutes 8] [--store bench/trust_leaks.jsonl] [--deepchecks PYTHON]
    python bench/trust_leaks.py page

Thresholds are set on development tables; every run on test tables is counted as a look. What is
measured is kept in the store, a line a case (a case that is there is not run again), and ``page``
writes docs/trust-leaks.md from it. ``--look`` draws anew: other rows, other dice. ``--deepchecks`` runs deepchecks on the same planted cases,
by the Python that has it. Tables come from the data folder ($HELDOUT_DATA).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import polars as pl

from heldout.audits.finding import Finding, Look
from heldout.audits.review import review
from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.splits.folds import three
from heldout.splits.samples import make_samples
from heldout.tables.read import read
from heldout.tasks.state import encode, state
from heldout.workflow.protocol import find
from heldout.workflow.quick import quick_learner
from heldout.workflow.spec import Spec
from trust_page import Line, Store, write
from trust_plants import DEEPCHECKS_WIDE, KINDS, TABLE_WIDE, Ground

STORE = Path(__file__).resolve().with_name("trust_leaks.jsonl")

DEV = {
    "tables/binary/telco_churn.csv": "Churn",
    "tables/binary/german_credit.csv": "class",
    "tables/binary/mlc_churn.csv": "churn",
    "tables/binary/adult.csv": "income",
    "tables/regression/power_plant.tsv": "4",
    "tables/regression/abalone.csv": "8",
    "tables/multiclass/letter.csv": "class",
}
TEST = {
    "tables/binary/phoneme.csv": "5",
    "tables/binary/spambase.csv": "class",
    "tables/binary/magic_telescope.csv": "class:",
    "tables/binary/lending_club.csv": "Class",
    "tables/binary/online_shoppers.csv": "Revenue",
    "tables/binary/sick.csv": "Class",
    "tables/regression/kin8nm.txt": "8",
    "tables/regression/california_housing.csv": "median_house_value",
    "tables/multiclass/satimage.csv": "class",
    "tables/multiclass/segment.csv": "class",
}
DROPPED = {"magic_telescope.csv": ["ID"], "online_shoppers.csv": ["PageValues"]}  # their own leaks
FALSE_SIZES = (300, 1000, 3000)


@dataclass(frozen=True)
class Case:
    """A clean table: its frame without ids, copies and rows without target; the target."""

    name: str
    frame: pl.DataFrame
    target: str


def load(path: Path, target: str) -> Case:
    """Read as a run would; ids, copies and known leaks are taken out, so that it is clean."""
    table = read(path)
    target = target if target in table.schema else table.schema.names[int(target)]
    y = encode(state(table, target), table)
    ids = [c.name for c in table.schema if c.role == "ignored"]
    frame = table.frame.filter(pl.Series(~np.isnan(y))).drop([*ids, *DROPPED.get(path.name, [])])
    return Case(path.name, frame.unique(maintain_order=True), target)


def audit(frame: pl.DataFrame, target: str) -> list[Finding]:
    """The three passes of a review that come before training, as a run makes them."""
    table = read(frame)
    table = table.with_schema(table.schema.with_roles({target: "target"}, "the target"))
    task = state(table, target)
    y = encode(task, table)
    never, seed = Deadline.never(), Seed(0)
    learner = quick_learner(task)
    found = list(review(Look(table, None, None, (), seed, never), "structure"))
    table, task, seen = find(table, task, y, Spec(), learner, seed, never)
    samples = make_samples(table, task)
    unit = samples.copy_of if samples.group is None else samples.group
    folds = three(len(y), y, unit, seed)
    look = Look(table, task, y, folds, seed, never, learner, samples.group, np.arange(len(y)))
    return [*found, *seen, *review(look, "target")]


def caught(findings: list[Finding], kind: str) -> tuple[bool, bool]:
    """(found or asked, blocked or warned)."""
    wide = TABLE_WIDE.get(kind, ())
    own = [f for f in findings if f.code in wide or any("planted" in c for c in f.where)]
    strong = any(f.severity != "note" for f in own)
    return strong or any(f.question for f in own), strong


def ground_of(case: Case, rows: int, look: int = 1) -> Ground:
    """Where to plant: the same rows of a table every time in one look."""
    rng = np.random.default_rng([len(case.name), rows, *([look] if look > 1 else [])])
    frame = case.frame[rng.permutation(case.frame.height)[:rows]]
    made = read(frame)
    task = state(made, case.target)
    return Ground(frame, case.target, encode(task, made), rng, len(task.classes))


def planted(cases: list[Case], sizes: list[int], store: Store, look: int) -> Iterator[Line]:
    """One line a kind, size and table."""
    for case, rows, kind in ((c, r, k) for r in sizes for c in cases for k in KINDS):
        line: Line = {"what": "planted", "table": case.name, "kind": kind, "rows": rows}
        if look > 1:
            line["look"] = look
        if not store.holds(line):
            ground = ground_of(case, rows, look)
            asked, strong = caught(audit(KINDS[kind](ground), case.target), kind)
            yield line | {"asked": asked, "strong": strong}


def untouched(cases: list[Case], draws: int, store: Store, look: int) -> Iterator[Line]:
    """Blocks, warnings, questions of the leak rules and protocols chosen, on shuffled subsamples."""
    first = 100 * (look - 1)
    every = ((c, r, d) for d in range(first, first + draws) for r in FALSE_SIZES for c in cases)
    for case, rows, draw in every:
        line: Line = {"what": "untouched", "table": case.name, "rows": rows, "draw": draw}
        if look > 1:
            line["look"] = look
        if store.holds(line):
            continue
        rng = np.random.default_rng([draw, rows, 7])
        found = audit(case.frame[rng.permutation(case.frame.height)[:rows]], case.target)
        yield line | {
            "blocks": _told(f for f in found if f.severity == "block"),
            "acts": _told(
                f for f in found if f.code in ("A501", "A502") and f.overrule.endswith("none")
            ),
            "warns": _told(
                f
                for f in found
                if f.severity == "warn" and (f.code[:2] in ("A3", "A5") or f.code == "A111")
            ),
            "asks": _told(f for f in found if f.question.startswith("Would you know")),
        }


def _told(findings: Iterable[Finding]) -> list[str]:
    return [f"{f.code} {','.join(f.where)}".strip() for f in findings]


def beside(cases: list[Case], sizes: list[int], python: str, store: Store) -> Iterator[Line]:
    """What deepchecks says of the same planted tables."""
    waiting: dict[str, Line] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for case, rows, kind in ((c, r, k) for r in sizes for c in cases for k in KINDS):
            line: Line = {"what": "deepchecks", "table": case.name, "kind": kind, "rows": rows}
            if not store.holds(line):
                ground = ground_of(case, rows)
                stem = f"{len(waiting):04d}"
                KINDS[kind](ground).write_csv(folder / f"{stem}.csv")
                said = {"target": case.target, "number": not ground.classes}
                (folder / f"{stem}.json").write_text(json.dumps(said))
                waiting[stem] = line
        script = Path(__file__).with_name("trust_deepchecks.py")
        command = [python, str(script), name]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            for text in process.stdout or ():
                answer = json.loads(text)
                line = waiting[answer["case"]]
                wide = DEEPCHECKS_WIDE.get(str(line["kind"]), ())
                hits = [f for f in answer["failed"] if "planted" in f["said"] or f["check"] in wide]
                yield line | {"asked": bool(hits), "by": sorted({f["check"] for f in hits})}


def main() -> None:
    """Measure into the store, or write the page from it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("part", choices=["dev", "test", "page"])
    parser.add_argument("--rows", default="1500,500")
    parser.add_argument("--draws", type=int, default=7)
    parser.add_argument("--only", default="")
    parser.add_argument("--look", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--store", type=Path, default=STORE)
    parser.add_argument("--deepchecks", metavar="PYTHON")
    said = parser.parse_args()
    if said.part == "page":
        page = STORE.parent.parent / "docs" / "trust-leaks.md"
        write(said.store, page, [Path(n).stem for n in DEV], [Path(n).stem for n in TEST])
        return
    folder = Path(os.environ.get("HELDOUT_DATA", STORE.parent.parent.parent / "shared" / "data"))
    names = {"dev": DEV, "test": TEST}[said.part]
    if said.only:
        names = {n: t for n, t in names.items() if any(o in n for o in said.only.split(","))}
    cases = [load(folder / name, target) for name, target in names.items()]
    sizes = [int(s) for s in said.rows.split(",") if s]
    store = Store(said.store, said.part)
    started = time.monotonic()
    if said.deepchecks:
        made = beside(cases, sizes, said.deepchecks, store)
    else:
        made = chain(
            planted(cases, sizes, store, said.look), untouched(cases, said.draws, store, said.look)
        )
    number = 0
    for line in made:
        store.add(line)
        number += 1
        if time.monotonic() - started > 60 * said.minutes:
            break
    if said.part == "test" and number and not said.deepchecks:
        store.add({"what": "look", "look": said.look, "cases": number})
    print(f"{len(cases)} tables, {number} new cases, {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
