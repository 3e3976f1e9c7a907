"""``heldout demo``: the promises shown on two tables that come with heldout.

Telco churn from the file to a sealed score, then the same 500 rows answered by the library, by
the service over HTTP and by a few lines of bare onnxruntime; then bike rentals, where two
columns that add up to the answer are set aside live.
"""

from __future__ import annotations

import gzip
import json
import sys
import tempfile
import time
import urllib.request
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from heldout.bundle import Bundle, load
from heldout.core.arrays import Array, Doubles
from heldout.core.clock import now
from heldout.workflow.develop import develop
from heldout.workflow.outcome import FIELDS, Outcome
from heldout.workflow.told import lines
from heldout.workflow.verdict import prediction_of

ROWS = 500
TABLES = (("telco_churn", "Churn", "customer"), ("bike_sharing", "cnt", "hour"))


def demo(budget: str, out: str | None, *, quick: bool, as_json: bool = False) -> int:
    """Run both tables and the comparison; returns the exit code."""
    made = []
    say = _say_aside if as_json else say_out
    root = Path(out) if out else Path("runs") / "demo"
    with tempfile.TemporaryDirectory() as folder:
        for name, target, unit in TABLES:
            data = unpack(name, Path(folder))
            seconds: str | None = budget if name == TABLES[0][0] else "20s"
            say(f"\n$ heldout run {name}.csv --target {target} --budget {seconds} --unit {unit}\n")
            said: dict[str, Any] = {"target": target, "unit": unit, "out": str(root / name)}
            said |= {"work": 6} if quick else {"budget": seconds}
            outcome = develop(str(data), said, None, started=now(), quiet=False)
            made.append({k: outcome.values.get(k) for k in FIELDS})
            say(outcome.screen())
            if name == TABLES[0][0]:
                say(three_ways(outcome, data))
    if as_json:
        print(json.dumps({"runs": made}, ensure_ascii=False))  # noqa: T201
    return 0


def unpack(name: str, folder: Path) -> Path:
    """A table that comes with heldout, as a file."""
    packed = resources.files("heldout.workflow").joinpath(f"data/{name}.csv.gz").read_bytes()
    path = folder / f"{name}.csv"
    path.write_bytes(gzip.decompress(packed))
    return path


def three_ways(outcome: Outcome, data: Path) -> str:
    """The same rows by the library, over HTTP, and by bare onnxruntime."""
    from heldout.tables.answering import chunks

    bundle = load(outcome.values["run"])
    chunk = next(iter(chunks(data, bundle.schema, rows=ROWS)))
    texts = chunk.extra.head(ROWS).to_dicts()
    columns = {n: v[:ROWS] for n, v in chunk.columns.items()}
    library = prediction_of(bundle.run(columns))
    served, seconds = over_http(bundle, texts[: len(library)])
    bare = by_onnxruntime(bundle.model, columns)
    rows = [
        (
            "The same",
            f"{len(library)} rows answered three ways; the largest difference from the library:",
        ),
        ("", f"the service over HTTP   {difference(library, served):.1e}   ({seconds:.2f} s)"),
        ("", f"bare onnxruntime        {difference(library, bare):.1e}"),
    ]
    return "\n" + lines(rows)


def by_onnxruntime(model: bytes, columns: dict[str, Array]) -> Doubles:
    """What anyone can write who has numpy and onnxruntime, and nothing of heldout."""
    import onnxruntime as ort

    session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    feeds = {i.name: columns[i.name].reshape(-1, 1) for i in session.get_inputs()}
    found: Doubles = session.run([session.get_outputs()[0].name], feeds)[0]
    return found


def over_http(bundle: Bundle, records: list[dict[str, Any]]) -> tuple[Doubles, float]:
    """Ask a service on loopback, started for this and stopped again."""
    from heldout.serve import running

    with running(bundle) as service:
        body = json.dumps({"rows": records}).encode()
        request = urllib.request.Request(  # noqa: S310 - loopback
            f"{service.address}/predict", body, {"Content-Type": "application/json"}
        )
        started = time.perf_counter()
        with urllib.request.urlopen(request, timeout=30) as reply:  # noqa: S310
            answers = json.loads(reply.read())["predictions"]
        seconds = time.perf_counter() - started
    classes = bundle.task.classes
    if classes:
        return np.array([[a["probability"][c] for c in classes] for a in answers]), seconds
    return np.array([[a["prediction"]] for a in answers]), seconds


def difference(a: Doubles, b: Doubles) -> float:
    """Largest absolute difference."""
    return float(np.max(np.abs(a - b)))


def say_out(text: str) -> None:
    """To standard output."""
    print(text, flush=True)  # noqa: T201


def _say_aside(text: str) -> None:
    """To standard error: standard output is for the one JSON object."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201
