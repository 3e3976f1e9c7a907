"""Shuffled answers: how often does a whole run say "no signal"?

    python bench/no_signal.py [runs]

The table that comes with heldout (telco churn), its target shuffled anew for each run, so that no
column tells anything. Each run is complete: leaks, folds, models, seal. Promised: "signal" in
2.5 % of runs at most, beyond the luck of that many runs.
"""

from __future__ import annotations

import gzip
import io
import os
import sys
import tempfile
from importlib import resources
from pathlib import Path

import numpy as np
import polars as pl

import heldout

FITS = 10


def main(runs: int) -> None:
    """Print a line a run, and the count."""
    packed = resources.files("heldout.workflow").joinpath("data/telco_churn.csv.gz").read_bytes()
    table = pl.read_csv(io.BytesIO(gzip.decompress(packed)), infer_schema=False)
    said, aside = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HELDOUT_STATE"] = folder
        for number in range(runs):
            order = np.random.default_rng(number).permutation(table.height)
            shuffled = table.with_columns(table["Churn"].gather(order))
            out = str(Path(folder) / f"run{number}")
            run = heldout.run(shuffled, target="Churn", work=FITS, out=out)
            said += run.answer == "no signal"
            aside += len(run.set_aside)
            told = f"{run.score:.3f}, {run.low:.3f} to {run.high:.3f}"
            print(f"run {number}: {run.answer}, {told}, set aside {len(run.set_aside)}", flush=True)
    print(f'"no signal" in {said} of {runs} runs of {FITS} fits; {aside} columns set aside')


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
