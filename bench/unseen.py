"""Claimed, true, and beside the usual three, on tables that nothing here was made on.

    python bench/unseen.py [--budget 20s] [--seed 0]

Ten small tables: three that come with scikit-learn, seven that it makes. Four rows in ten are kept from
all; heldout, histogram boosting, extra trees and a linear model of scikit-learn learn from the others
and answer for them. Prints rows for bench/LOG.md: what heldout claims, and what each gets on the rows kept.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from sklearn import datasets, ensemble, linear_model, metrics
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

KEPT = 0.4
MOST_CLASSES = 20


def tables(seed: int) -> Iterator[tuple[str, Any, Any]]:
    """Name, inputs (rows, columns), target (rows,)."""
    rng = np.random.default_rng(seed)
    for name in ("digits", "wine", "diabetes"):
        found = getattr(datasets, f"load_{name}")()
        yield name, found.data, found.target
    yield "friedman1", *datasets.make_friedman1(1_500, noise=1.0, random_state=seed)
    yield "moons", *datasets.make_moons(800, noise=0.3, random_state=seed)
    x = rng.normal(size=(2_000, 12))
    yield "sign of a product", x, (np.sign(x[:, :3]).prod(axis=1) > 0).astype(int)
    yield (
        "twelve classes",
        *datasets.make_classification(
            3_000, 20, n_informative=10, n_classes=12, n_clusters_per_class=1, random_state=seed
        ),
    )
    yield (
        "six of 80",
        *datasets.make_regression(400, 80, n_informative=6, noise=20, random_state=seed),
    )
    x = rng.normal(size=(1_200, 6))
    yield "heavy tails", x, np.exp(x[:, 0] + x[:, 1] * x[:, 2] / 2) + rng.standard_t(2, size=1_200)
    yield (
        "rare",
        *datasets.make_classification(
            6_000, 15, n_informative=5, weights=[0.985], flip_y=0.002, random_state=seed
        ),
    )


def usual(numbers: bool) -> dict[str, Any]:
    """scikit-learn's own, with its defaults where they make sense."""
    if numbers:
        return {
            "boosting": ensemble.HistGradientBoostingRegressor(loss="absolute_error"),
            "extra trees": ensemble.ExtraTreesRegressor(200),
            "linear": make_pipeline(StandardScaler(), linear_model.RidgeCV(np.logspace(-3, 3, 9))),
        }
    return {
        "boosting": ensemble.HistGradientBoostingClassifier(),
        "extra trees": ensemble.ExtraTreesClassifier(200, min_samples_leaf=2),
        "linear": make_pipeline(StandardScaler(), linear_model.LogisticRegression(max_iter=500)),
    }


def scored(y: Any, answers: Any, numbers: bool) -> float:
    """MAE, ROC AUC or log loss: what heldout judges by."""
    if numbers:
        return float(metrics.mean_absolute_error(y, answers))
    if answers.shape[1] == 2:
        return float(metrics.roc_auc_score(y, answers[:, 1]))
    return float(metrics.log_loss(y, answers))


def ours(parts: list[Any], numbers: bool, budget: str, folder: Path) -> tuple[dict[str, Any], Any]:
    """What `heldout run` says, and the bundle's answers for the rows kept."""
    x, kept, y = parts[0], parts[1], parts[2]
    labels = y.astype(float).tolist() if numbers else [f"k{c:02}" for c in y]
    names = [f"f{i}" for i in range(x.shape[1])]
    pl.DataFrame(x, schema=names).with_columns(pl.Series("y", labels)).write_csv(folder / "t.csv")
    pl.DataFrame(kept, schema=names).write_csv(folder / "kept.csv")
    call = [sys.executable, "-m", "heldout"]
    run = [*call, "run", "t.csv", "--target", "y", "--budget", budget, "--json", "--quiet"]
    done = subprocess.run(
        [*run, "--out", "r"], cwd=folder, capture_output=True, text=True, check=False
    )
    told = json.loads(done.stdout)
    subprocess.run(
        [*call, "predict", "r", "kept.csv", "--out", "a.csv", "--quiet"], cwd=folder, check=True
    )
    answers = pl.read_csv(folder / "a.csv")
    if numbers:
        return told, answers["y"].to_numpy()
    return told, answers.select(
        sorted(c for c in answers.columns if "probability_" in c)
    ).to_numpy()


def main() -> None:
    """One line a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--budget", default="20s")
    parser.add_argument("--seed", type=int, default=0)
    said = parser.parse_args()
    print("| table | score | claimed | on the rows kept | boosting | extra trees | linear | s |")
    print("|---|---|---|---|---|---|---|---|")
    for name, x, y in tables(said.seed):
        numbers = len(np.unique(y)) > MOST_CLASSES
        parts = train_test_split(
            x, y, test_size=KEPT, random_state=said.seed, stratify=None if numbers else y
        )
        with tempfile.TemporaryDirectory() as folder:
            told, answers = ours(parts, numbers, said.budget, Path(folder))
        line = [name, told["metric"], "{score:.4g} ({low:.4g} to {high:.4g})".format(**told)]
        line.append(f"{scored(parts[3], answers, numbers):.4g}")
        for model in usual(numbers).values():
            model.fit(parts[0], parts[2])
            given = model.predict(parts[1]) if numbers else model.predict_proba(parts[1])
            line.append(f"{scored(parts[3], given, numbers):.4g}")
        print(f"| {' | '.join(line)} | {told['seconds']:.1f} |", flush=True)


if __name__ == "__main__":
    main()
