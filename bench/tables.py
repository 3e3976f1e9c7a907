"""Run heldout on every table of the data folder and write docs/tables.md.

    python bench/tables.py                     # 20 s each, resumable; $HELDOUT_DATA names the folder
    python bench/tables.py --work 3 --only telco_churn,titanic3
    python bench/tables.py --page              # only write the page from what is stored

Nothing is said but the target; groups, times and columns that are known to leak are named where
the manifest has them, in a second run beside the first.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
STORE = ROOT / "runs" / "bench-tables"
PAGE = ROOT / "docs" / "tables.md"


def data_folder() -> Path:
    """$HELDOUT_DATA, or shared/data beside the checkout."""
    for path in (os.environ.get("HELDOUT_DATA"), ROOT.parent / "shared" / "data"):
        if path and Path(path).is_dir():
            return Path(path)
    sys.exit("set HELDOUT_DATA to the folder of real tables")


def tables(folder: Path) -> list[dict[str, Any]]:
    """The entries of the manifest that are tables with one target."""
    entries = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["datasets"]
    return [
        e
        for e in entries
        if e["path"].startswith("tables/") and e.get("target") is not None and e["task"] != "lookup"
    ]


def command(entry: dict[str, Any], folder: Path, how: list[str], named: bool) -> list[str]:
    """The command line for one table."""
    said = [
        str(folder / entry["path"]),
        "--target",
        str(entry["target"]),
        *how,
        "--json",
        "--quiet",
    ]
    name = entry["name"] + ("-named" if named else "")
    said += ["--out", str(STORE / name)]
    if named:
        if entry.get("group") in entry.get("column_names", [entry.get("group")]) and entry.get(
            "group"
        ):
            said += ["--group", str(entry["group"]).split(" ")[0]]
        if entry.get("leaks"):
            said += ["--drop", ",".join(map(str, entry["leaks"]))]
    return [sys.executable, "-m", "heldout", "run", *said]


def measure(said: list[str]) -> dict[str, Any]:
    """Wall seconds, peak bytes of the whole process tree's largest member, outcome."""
    import resource

    started = time.perf_counter()
    done = subprocess.run(said, capture_output=True, text=True, check=False, timeout=900)
    wall = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    try:
        told = json.loads(done.stdout.strip().splitlines()[-1])
    except (IndexError, json.JSONDecodeError):
        told = {}
    return {
        "exit": done.returncode,
        "wall": round(wall, 2),
        "peak": peak,
        "told": told,
        "error": done.stderr.strip()[-600:] if done.returncode not in (0, 4) else "",
    }


def isolated(said: list[str]) -> dict[str, Any]:
    """Measure in a process of its own, so that peaks do not add up."""
    code = f"import json, sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import tables; print(json.dumps(tables.measure({said!r})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def page(rows: list[dict[str, Any]], how: str) -> str:
    """The table of docs/tables.md."""
    import heldout

    lines = [
        "# Every table",
        "",
        f"Made by `make bench-tables` with heldout {heldout.__version__}, {how}, nothing said but the",
        "target. Timings on two shared cores: read the overshoot, not the seconds. A score without",
        "an interval says why in its report.",
        "",
        "| table | rows | task | metric | score | 95 % interval | baseline | sealed | set aside | s | MB | over |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in sorted(rows, key=lambda r: r["name"]):
        told = row["told"]
        if not told.get("answer"):
            error = (row["error"].splitlines() or ["?"])[0][:100].replace("|", "\\|")
            lines.append(f"| {row['name']} | | | | {error} | | | | | {row['wall']} | | |")
            continue
        ends = "none" if told["low"] is None else f"{told['low']:.4g} to {told['high']:.4g}"
        score = "none" if told["score"] is None else f"{told['score']:.4g}"
        over = row["wall"] - told["budget"] if told.get("budget") else 0.0
        aside = ", ".join(str(a["column"]) for a in told["set_aside"]) or "-"
        answer = "" if told["answer"] == "signal" else " (no signal)"
        lines.append(
            f"| {row['name']} | {row.get('rows', '')} | {told['task']} | {told['metric']} | {score}{answer} | {ends} "
            f"| {told['baseline']:.4g} | {'yes' if told['sealed'] else 'no'} | {aside} "
            f"| {row['wall']:.1f} | {row['peak'] / 2**20:.0f} | {max(0.0, over):.1f} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run what is not stored yet, then write the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--budget", default="20s")
    parser.add_argument("--work", type=int)
    parser.add_argument("--only")
    parser.add_argument("--page", action="store_true")
    said = parser.parse_args()
    how = ["--work", str(said.work)] if said.work else ["--budget", said.budget]
    STORE.mkdir(parents=True, exist_ok=True)
    store = STORE / f"results-{'-'.join(how).strip('-')}.jsonl"
    rows = [json.loads(x) for x in store.read_text().splitlines()] if store.exists() else []
    have = {r["name"] for r in rows}
    folder = data_folder()
    wanted = set(said.only.split(",")) if said.only else None
    for entry in [] if said.page else tables(folder):
        if entry["name"] in have or (wanted and entry["name"] not in wanted):
            continue
        row = {
            "name": entry["name"],
            "rows": entry["rows"],
            **isolated(command(entry, folder, how, False)),
        }
        rows.append(row)
        with store.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        told = row["told"]
        print(
            f"{row['name']:<28}{row['exit']:>3} {row['wall']:>7.1f} s {row['peak'] / 2**20:>6.0f} MB  "
            f"{told.get('metric', '')} {told.get('score')} {told.get('answer', '')} {[a['column'] for a in told.get('set_aside', [])]} {row['error'][:160]!r}",
            flush=True,
        )
    if not wanted and not said.work:
        PAGE.write_text(page(rows, " ".join(how).replace("--budget", "budget")), encoding="utf-8")


if __name__ == "__main__":
    main()
