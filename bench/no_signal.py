"""Shuffled answers: how often does a whole run say "no signal"?

    python bench/no_signal.py [runs a table] [first seed]

Real tables, their target shuffled anew for each run, so that no column tells anything. Each run is
complete: leaks, folds, models, seal where the rows allow one. The table that comes with heldout
(telco churn) is always there, the others where $HELDOUT_DATA names their folder. Promised:
"signal" in at most 5 of 200, so that 1.25 % are aimed at.
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
TABLES = (  # (file, target, rows at most, learners)
    ("", "Churn", None, None),
    ("tables/binary/german_credit.csv", "class", None, "logistic,decision_tree"),
    ("tables/binary/adult.csv", "income", 600, "logistic,lightgbm"),
    ("tables/multiclass/penguins.csv", "species", None, "logistic,decision_tree"),
    ("tables/regression/insurance.csv", "charges", None, "elastic_net,decision_tree"),
    ("tables/regression/concrete.csv", "strength", None, "elastic_net,lightgbm"),
)


def table(path: str) -> pl.DataFrame | None:
    """All cells as text; None where the file is not there."""
    if not path:
        packed = resources.files("heldout.workflow").joinpath("data/telco_churn.csv.gz")
        return pl.read_csv(io.BytesIO(gzip.decompress(packed.read_bytes())), infer_schema=False)
    folder = os.environ.get("HELDOUT_DATA")
    whole = Path(folder or ".") / path
    return pl.read_csv(whole, infer_schema=False) if folder and whole.exists() else None


def main(runs: int, first: int) -> None:
    """Print a line a run, and the count."""
    said, done, aside = 0, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HELDOUT_STATE"] = folder
        for path, target, most, models in TABLES:
            whole = table(path)
            for number in range(first, first + runs if whole is not None else first):
                assert whole is not None
                rng = np.random.default_rng(number)
                rows = rng.permutation(whole.height)[: most or whole.height]
                drawn = whole[np.sort(rows)]
                answers = drawn[target].gather(rng.permutation(drawn.height))
                name = Path(path).stem or "telco_churn"
                out = str(Path(folder) / f"{name}{number}")
                more = {} if models is None else {"models": models}
                run = heldout.run(
                    drawn.with_columns(answers),
                    target=target,
                    work=FITS,
                    out=out,
                    **more,
                )
                done += 1
                said += run.answer == "no signal"
                aside += len(run.set_aside)
                told = f"{run.score:.3f}, baseline {run.baseline:.3f}, {run.low} to {run.high}"
                print(
                    f"{name} {number}: {run.answer}, {told}, aside {len(run.set_aside)}", flush=True
                )
    print(f'"no signal" in {said} of {done} runs of {FITS} fits; {aside} columns set aside')


if __name__ == "__main__":
    given = [int(a) for a in sys.argv[1:]]
    main(given[0] if given else 30, given[1] if len(given) > 1 else 0)
