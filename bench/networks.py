"""What networks get out of a budget: `heldout run` on six tables, score, seconds, and what became of
their fits.

    python bench/networks.py DATA --budget 60 --state FOLDER

``DATA`` is the folder of the development tables; ``--state`` keeps the compiled programs between
two calls (first a cold one, then a warm one). ``PYTHONPATH`` chooses another version of heldout.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

TABLES = {
    "satimage": ("multiclass/satimage.csv", "class"),
    "kin8nm": ("regression/kin8nm.txt", "8"),
    "california": ("regression/california_housing.csv", "median_house_value"),
    "concrete": ("regression/concrete.csv", "strength"),
    "german credit": ("binary/german_credit.csv", "class"),
    "phoneme": ("binary/phoneme.csv", "5"),
}
NETS = ("dense_net", "realmlp", "tabm", "wide_deep", "convnet")


def run(data: Path, target: str, budget: float, state: str, out: Path) -> dict[str, Any]:
    """One run in a process of its own: its answer, and what its networks did."""
    command = [sys.executable, "-m", "heldout", "run", str(data), "--target", target]
    command += ["--budget", f"{budget:g}s", "--out", str(out), "--json", "--no-ladder"]
    env = os.environ | {"HELDOUT_STATE": state}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if not done.stdout.strip():
        return {"error": done.stderr.strip()[-200:]}
    made = json.loads(done.stdout)
    fits = [json.loads(p.read_text()) for p in (out / "fits").glob("*/meta.json")]
    nets = sorted((m for m in fits if m["card"] in NETS), key=lambda m: m["cpu_seconds"])
    lines = (out / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    board = [e for e in map(json.loads, lines) if e["step"] == "leaderboard"]
    rows = board[-1]["numbers"]["rows"] if board else []
    return {
        **{k: made.get(k) for k in ("metric", "score", "low", "high", "seconds")},
        "fits": len(fits),
        "nets": len(nets),
        "complete": sum(bool(r.get("complete")) for r in rows if r.get("family") == "net"),
        "cpu": sum(m["cpu_seconds"] for m in nets),
        "weight": sum(r.get("weight") or 0.0 for r in rows if r.get("family") == "net"),
    }


def main() -> int:
    """Print a row a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--budget", type=float, default=60.0)
    parser.add_argument("--state", required=True)
    parser.add_argument("--only")
    given = parser.parse_args()
    print(
        "table          metric     score    low      high     s     fits nets complete net-CPU weight"
    )
    for name, (path, target) in TABLES.items():
        if given.only and given.only not in name:
            continue
        with tempfile.TemporaryDirectory() as folder:
            place = given.data / path
            found = run(place, target, given.budget, given.state, Path(folder, "run"))
        if "error" in found:
            print(f"{name:14} {found['error']}")
            continue
        score = [
            f"{found[k]:<8.5g}" if found[k] is not None else "-" for k in ("score", "low", "high")
        ]
        print(
            f"{name:14} {found['metric']:10} {' '.join(score)} {found['seconds']:<5.1f}"
            f" {found['fits']:<4} {found['nets']:<4} {found['complete']:<8} {found['cpu']:<7.1f}"
            f" {found['weight']:.2f}",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
