"""Proof 1 of trust: plant leaks in clean real tables, count what is found, and what is cried for nothing.

    python bench/trust_leaks.py [dev|test] [--rows 1500,500] [--draws 7] [--only TABLE,..]
        [--deepchecks PYTHON] [--out docs/trust-leaks.md]

Development tables were used to set thresholds, test tables were not planted in until the end.
Tables come from the data folder ($HELDOUT_DATA); "unseen" ones from a folder of CSV files named by
--unseen, exported from the package pydataset (bench/trust_unseen.py). What is absent is said.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
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
from trust_plants import KINDS, TABLE_WIDE, Ground

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


def planted(cases: list[Case], rows: int) -> Iterator[dict[str, object]]:
    """One line a kind and table."""
    for case in cases:
        for kind, plant in KINDS.items():
            rng = np.random.default_rng([len(case.name), rows])
            frame = case.frame[rng.permutation(case.frame.height)[:rows]]
            made = read(frame)
            task = state(made, case.target)
            y = encode(task, made)
            ground = Ground(frame, case.target, y, rng, len(task.classes))
            asked, strong = caught(audit(plant(ground), case.target), kind)
            yield {"table": case.name, "kind": kind, "rows": rows, "asked": asked, "strong": strong}


def untouched(cases: list[Case], draws: int) -> Iterator[dict[str, object]]:
    """Blocks, warnings of the leak rules, and protocols chosen, on shuffled subsamples."""
    for case in cases:
        for rows in FALSE_SIZES:
            for draw in range(draws):
                rng = np.random.default_rng([draw, rows, 7])
                frame = case.frame[rng.permutation(case.frame.height)[:rows]]
                found = audit(frame, case.target)
                blocks = [f"{f.code} {','.join(f.where)}" for f in found if f.severity == "block"]
                acts = [
                    f"{f.code} {','.join(f.where)}"
                    for f in found
                    if f.code in ("A501", "A502") and f.overrule.endswith("none")
                ]
                warns = [
                    f.code
                    for f in found
                    if (f.severity == "warn" and f.code[:2] in ("A3", "A5")) or f.code == "A111"
                ]
                yield {
                    "table": case.name,
                    "rows": rows,
                    "blocks": blocks,
                    "acts": acts,
                    "warns": warns,
                }


def upper(hits: int, n: int) -> float:
    """The one-sided 95 % bound of a rate (Clopper and Pearson)."""
    from scipy.special import betaincinv

    return 1.0 if hits >= n else float(betaincinv(hits + 1, n - hits, 0.95))


def table_of(results: list[dict[str, object]], sizes: list[int], number: int) -> list[str]:
    """Markdown: kinds by sizes, found or asked and blocked or warned."""
    lines = [
        "| planted | "
        + " | ".join(f"{s:,} rows: found or asked | blocked or warned" for s in sizes)
        + " | missed in |",
        "|---|" + "---|" * (2 * len(sizes) + 1),
    ]
    for kind in [*KINDS, "all"]:
        cells = [kind]
        missed: list[str] = []
        for size in sizes:
            own = [r for r in results if r["rows"] == size and kind in ("all", r["kind"])]
            asked, strong = sum(bool(r["asked"]) for r in own), sum(bool(r["strong"]) for r in own)
            cells += [f"{asked} of {len(own)}", f"{strong} of {len(own)}"]
            missed += [f"{str(r['table']).split('.')[0]} ({size})" for r in own if not r["asked"]]
        lines.append(f"| {' | '.join(cells)} | {', '.join(missed) if kind != 'all' else ''} |")
    return lines


def main() -> None:
    """Print the tables; with --out a page as well, with --json the raw results."""
    parser = argparse.ArgumentParser()
    parser.add_argument("part", choices=["dev", "test", "unseen"])
    parser.add_argument("--rows", default="1500,500")
    parser.add_argument("--draws", type=int, default=7)
    parser.add_argument("--unseen", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--json", type=Path)
    said = parser.parse_args()
    here = Path(__file__).resolve().parent.parent
    folder = Path(os.environ.get("HELDOUT_DATA", here.parent / "shared" / "data"))
    names = {"dev": DEV, "test": TEST}.get(said.part, {})
    if said.part == "unseen":
        folder = said.unseen
        names = json.loads((folder / "targets.json").read_text())
    if said.only:
        names = {n: t for n, t in names.items() if any(o in n for o in said.only.split(","))}
    cases = [load(folder / name, target) for name, target in names.items()]
    started = time.monotonic()
    sizes = [int(s) for s in said.rows.split(",") if s]
    results = [r for size in sizes for r in planted(cases, size)]
    print("\n".join(table_of(results, sizes, len(cases))), flush=True)
    clean = list(untouched(cases, said.draws))
    if clean:
        blocked = sum(bool(r["blocks"]) for r in clean)
        acted = sum(bool(r["acts"]) for r in clean)
        warned = sum(bool(r["warns"]) for r in clean)
        print(
            f"untouched: {len(clean)} subsamples; blocked in {blocked} (upper 95 % bound "
            f"{upper(blocked, len(clean)):.1%}), protocol changed in {acted} (bound "
            f"{upper(acted, len(clean)):.1%}), leak warning in {warned}"
        )
        for r in clean:
            if r["blocks"] or r["acts"]:
                print(f"  {r['table']} {r['rows']}: {r['blocks']} {r['acts']}")
    print(f"{len(cases)} tables, {time.monotonic() - started:.0f} s")
    if said.json:
        said.json.write_text(json.dumps({"planted": results, "untouched": clean}, indent=1))


if __name__ == "__main__":
    main()
