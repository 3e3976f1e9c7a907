"""Time and peak memory of reading, format by format, each in a process of its own.

python bench/reading.py [ROWS]
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
import polars, heldout.tables.limited
from heldout.tables.read import read
from heldout.tables.file import File
from heldout.tables.format import Ask, card_of
base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
file = File(__import__("pathlib").Path(sys.argv[1]))
guess = card_of(file).size(file, Ask()).memory
began = time.perf_counter()
rows = read(sys.argv[1]).rows
spent = time.perf_counter() - began
print(rows, spent, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base) / 1024, guess / 2**20)
"""


def main(rows: int) -> None:
    """One line a format: rows, MB on disk, seconds, peak and its estimate in MB."""
    rng = np.random.default_rng(0)
    frame = pl.DataFrame(
        {
            **{f"x{i}": rng.normal(size=rows).round(4) for i in range(10)},
            **{f"k{i}": rng.integers(0, 30, rows) for i in range(6)},
            **{f"c{i}": rng.choice(["alpha", "beta", "gamma delta"], rows) for i in range(4)},
        }
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        frame.write_csv(folder / "t.csv")
        frame.write_parquet(folder / "t.parquet")
        frame.write_ipc(folder / "t.arrow")
        frame.write_ndjson(folder / "t.jsonl")
        print(f"{'format':<10}{'rows':>10}{'MB':>8}{'s':>8}{'peak MB':>9}{'guess':>8}")
        for path in sorted(folder.iterdir()):
            done = subprocess.run(
                [sys.executable, "-c", ONE, str(path)], capture_output=True, text=True, check=True
            )
            read, spent, peak, guess = map(float, done.stdout.split())
            size = path.stat().st_size / 2**20
            print(
                f"{path.suffix:<10}{read:>10.0f}{size:>8.0f}{spent:>8.1f}{peak:>9.0f}{guess:>8.0f}"
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
