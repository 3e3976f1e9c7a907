"""CPU seconds, time and peak memory of looking at a large table, beside those of reading it.

python bench/inspecting.py [ROWS [read|plain|target ...]]
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import polars as pl

ONE = """
import resource, sys, time
import polars, heldout.workflow.inspection
from heldout.tables.read import read
from heldout.workflow.inspection import inspection
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
base, began = peak(), time.perf_counter()
cpu = time.process_time()
if sys.argv[2] == "read":
    read(sys.argv[1])
else:
    target = "y" if sys.argv[2] == "target" else None
    open(sys.argv[1] + ".html", "w").write(inspection(sys.argv[1], target).page())
print(time.process_time() - cpu, time.perf_counter() - began, peak() - base)
"""
PART = 500_000


def table(rows: int, rng: np.random.Generator) -> pl.DataFrame:
    """19 columns and a target that two of them know something of."""
    a, b = rng.normal(size=(2, rows))
    y = a + b + rng.normal(size=rows) * 2 > 0
    day = np.datetime64("2020-01-01") + rng.integers(0, 1500, rows).astype("timedelta64[D]")
    return pl.DataFrame(
        {
            "a": a.round(4),
            "b": np.where(rng.random(rows) < 0.1, np.nan, b.round(4)),
            **{f"x{i}": rng.normal(size=rows).round(4) for i in range(6)},
            "lat": rng.uniform(46, 48, rows).round(4),
            "lon": rng.uniform(7, 9, rows).round(4),
            **{f"k{i}": rng.integers(0, 30, rows) for i in range(4)},
            **{f"c{i}": rng.choice(["alpha", "beta", "gamma delta"], rows) for i in range(4)},
            "day": day.astype("datetime64[D]"),
            "y": np.where(y, "yes", "no"),
        }
    ).with_columns(pl.col("b").fill_nan(None))


def main(rows: int, asked: list[str]) -> None:
    """One line for reading, for looking without and with a target."""
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "t.csv"
        with path.open("wb") as file:
            for first in range(0, rows, PART):
                part = table(min(PART, rows - first), rng)
                part.write_csv(file, include_header=first == 0)
        print(f"{rows:,} rows, 20 columns, {path.stat().st_size / 2**20:.0f} MB")
        print(f"{'':<10}{'CPU s':>8}{'s':>8}{'peak MB':>9}{'of reading':>12}")
        read = 0.0
        for what in asked:
            done = subprocess.run(
                [sys.executable, "-c", ONE, str(path), what],
                capture_output=True, text=True, check=True,
            )  # fmt: skip
            spent, seconds, peak = map(float, done.stdout.split())
            read = spent if what == "read" else read
            times = f"{spent / read:.1f}" if read else ""
            print(f"{what:<10}{spent:>8.1f}{seconds:>8.1f}{peak:>9.0f}{times:>12}", flush=True)


if __name__ == "__main__":
    rows = int(sys.argv[1].replace("_", "")) if len(sys.argv) > 1 else 5_000_000
    main(rows, sys.argv[2:] or ["read", "plain", "target"])
