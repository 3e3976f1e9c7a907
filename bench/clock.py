"""Is the budget kept? Overshoot at 10, 60 and 300 s on a small and a large table.

    python bench/clock.py [10 60 300]

Wall time of the whole process, from before it starts to after it has ended, against --budget.
Prints rows for bench/LOG.md.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np


def table(path: Path, rows: int) -> Path:
    """A table with eight numbers, four categories and a noisy target."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(rows, 8)).round(4)
    c = rng.integers(0, 12, size=(rows, 4))
    score = x[:, 0] - x[:, 1] * x[:, 2] + 0.3 * (c[:, 0] % 3) + rng.normal(size=rows)
    with path.open("w", newline="", encoding="utf-8") as file:
        write = csv.writer(file)
        write.writerow([*(f"x{i}" for i in range(8)), *(f"c{i}" for i in range(4)), "y"])
        for i in range(rows):
            write.writerow([*x[i], *(f"level{v}" for v in c[i]), "yes" if score[i] > 1 else "no"])
    return path


def main() -> None:
    """Run every budget on both tables."""
    budgets = [int(a) for a in sys.argv[1:]] or [10, 60, 300]
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        os.environ["HELDOUT_STATE"] = str(root / "state")
        for rows in (1_000, 100_000):
            data = table(root / f"rows{rows}.csv", rows)
            for budget in budgets:
                said = [str(data), "--target", "y", "--budget", f"{budget}s", "--quiet", "--json"]
                said += ["--out", str(root / f"run{rows}-{budget}")]
                started = time.perf_counter()
                done = subprocess.run(
                    [sys.executable, "-m", "heldout", "run", *said],
                    capture_output=True,
                    check=False,
                )
                wall = time.perf_counter() - started
                over = 100 * (wall / budget - 1)
                print(
                    f"{rows:>8} rows {budget:>4} s: {wall:7.2f} s, {over:+6.1f} %, exit {done.returncode}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
