"""How fast a bundle answers: the first row of a cold process, one row warm, 10,000 rows, a file.

    python bench/answer.py RUN_OR_BUNDLE DATA.csv [--rows 1000000] [--json]

CPU seconds are of the process itself; wall seconds depend on what else the machine does. Where
LightGBM is among the members, its own predict is timed beside, on as many rows.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

COLD = """
import json, sys, time
from heldout.bundle import load
bundle = load(sys.argv[1])
answer = bundle.predict_row(json.loads(sys.argv[2]))
assert answer["refused"] == "", answer
import resource
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"cpu": used.ru_utime + used.ru_stime, "megabytes": used.ru_maxrss / 1024}))
"""
FILE = """
import resource, sys
from heldout.bundle import load
told = load(sys.argv[1]).predict_file(sys.argv[2], sys.argv[3])
print(told.rows, told.answered, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def cold(bundle: str, record: dict[str, str], times: int = 5) -> dict[str, float]:
    """Process start to answer, the median of some."""
    seen = []
    for _ in range(times):
        start = time.perf_counter()
        made = subprocess.run(
            [sys.executable, "-c", COLD, bundle, json.dumps(record)],
            capture_output=True,
            text=True,
            check=True,
        )
        seen.append({"wall": time.perf_counter() - start, **json.loads(made.stdout)})
    return {k: round(statistics.median(s[k] for s in seen), 3) for k in seen[0]}


def timed(call: Any, times: int) -> dict[str, float]:
    """Milliseconds a call: CPU mean, wall median."""
    call()
    walls = []
    before = time.process_time()
    for _ in range(times):
        start = time.perf_counter()
        call()
        walls.append(time.perf_counter() - start)
    cpu = (time.process_time() - before) / times
    return {"cpu_ms": round(1e3 * cpu, 4), "wall_ms": round(1e3 * statistics.median(walls), 4)}


def warm(path: str, record: dict[str, str], data: Path) -> dict[str, Any]:
    """One row and 10,000, by the graph alone and with the edge."""
    import numpy as np

    from heldout.bundle import load
    from heldout.explain.told import ORDERS, explain
    from heldout.tables.answering import chunks

    bundle = load(path)
    chunk = next(iter(chunks(data, bundle.schema)))
    where = np.arange(10_000) % len(chunk.accepted)
    many = {name: values[where] for name, values in chunk.columns.items()}
    one = {name: values[:1] for name, values in chunk.columns.items()}
    some = {name: values[:200] for name, values in many.items()}
    return {
        "one row, graph": timed(lambda: bundle.run(one), 500),
        "one row, edge and graph": timed(lambda: bundle.predict_row(record), 500),
        "10,000 rows, graph": timed(lambda: bundle.run(many), 5),
        "one row explained (predict --explain)": timed(lambda: explain(bundle, one), 20),
        "one row explained (explain ROW)": timed(lambda: explain(bundle, one, ORDERS), 5),
        "200 rows explained": timed(lambda: explain(bundle, some), 1),
        **guest(len(many)),
    }


def guest(columns: int) -> dict[str, Any]:
    """The training library's own predict: 200 trees of 31 leaves on as many columns of noise."""
    try:
        import lightgbm
    except ImportError:
        return {}
    import numpy as np

    rng = np.random.default_rng(0)
    x = rng.normal(size=(10_000, columns))
    y = (x[:, 0] + rng.normal(size=10_000) > 0).astype(float)
    options = {"objective": "binary", "verbose": -1, "num_threads": 1, "num_leaves": 31}
    model = lightgbm.train(options, lightgbm.Dataset(x, y), 200)
    classifier = lightgbm.LGBMClassifier(n_estimators=200, n_jobs=1, verbose=-1).fit(x, y)
    return {
        "one row, LGBMClassifier": timed(lambda: classifier.predict_proba(x[:1]), 50),
        "one row, LightGBM 200 trees": timed(lambda: model.predict(x[:1], num_threads=1), 200),
        "10,000 rows, LightGBM 200 trees": timed(lambda: model.predict(x, num_threads=1), 3),
    }


def file(path: str, data: Path, rows: int) -> dict[str, float]:
    """A long CSV answered into a CSV, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        big, out = Path(folder) / "big.csv", Path(folder) / "answers.csv"
        head, *lines = data.read_text(encoding="utf-8").splitlines()
        with big.open("w", encoding="utf-8") as target:
            target.write(head + "\n")
            for at in range(0, rows, len(lines)):
                target.write("\n".join(lines[: rows - at]) + "\n")
        start = time.perf_counter()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        made = subprocess.run(
            [sys.executable, "-c", FILE, path, str(big), str(out)],
            capture_output=True,
            text=True,
            check=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        answered = made.stdout.split()
        return {
            "rows": int(answered[0]),
            "answered": int(answered[1]),
            "wall": round(time.perf_counter() - start, 1),
            "cpu": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1),
            "megabytes": round(float(answered[2])),
        }


def main() -> None:
    """Print all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle")
    parser.add_argument("data", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true")
    said = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with said.data.open(encoding="utf-8", newline="") as source:
        record = next(csv.DictReader(source))
    told = {
        "cold first row": cold(said.bundle, record),
        **warm(said.bundle, record, said.data),
        "file": file(said.bundle, said.data, said.rows),
    }
    if said.json:
        print(json.dumps(told))
        return
    for name, numbers in told.items():
        print(f"{name:<32}" + "  ".join(f"{k} {v}" for k, v in numbers.items()))


if __name__ == "__main__":
    main()
