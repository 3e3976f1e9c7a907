"""What is claimed beside what is true: half of the rows hidden, 60 s each (proof 3).

    python -m venv B && B/bin/pip install "flaml[automl]"          # not among the pinned requirements
    HELDOUT_DATA=... python bench/honesty.py 60 --store honesty.jsonl --flaml B/bin/python \
        [--autogluon C/bin/python] [--only NAME,..] [--page]

The hidden half is drawn as the table demands: at random, whole groups, or the later times. Each
tool gets the other half and makes its claim with nothing said but the target (heldout: its score;
FLAML: one minus its best validation loss; AutoGluon: its leaderboard's best validation score); the
truth is its model on the hidden half, by the same metric. Resumable: what is in the store is not
measured again. Gaps are shown in the metric and as a share of the truth's distance to no skill.
Beside them the floor: the gap that chance alone would leave to a claim without any bias, from the
bootstrap error of the truth on the hidden rows and the width of heldout's interval on the open ones.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import champions

TABLES: dict[str, tuple[str, str, str, str]] = {
    "telco_churn": ("tables/binary/telco_churn.csv", "Churn", "binary", "random"),
    "adult": ("tables/binary/adult.csv", "income", "binary", "random"),
    "online_shoppers": ("tables/binary/online_shoppers.csv", "Revenue", "binary", "random"),
    "mlc_churn": ("tables/binary/mlc_churn.csv", "churn", "binary", "random"),
    "bank_marketing": ("tables/binary/bank_marketing.csv", "y", "binary", "order"),
    "electricity": ("series/electricity.csv", "class", "binary", "order"),
    "satimage": ("tables/multiclass/satimage.csv", "class", "multiclass", "random"),
    "covtype_10k": ("tables/multiclass/covtype_10k.csv", "Cover_Type", "multiclass", "random"),
    "letter": ("tables/multiclass/letter.csv", "class", "multiclass", "random"),
    "diabetes": (
        "tables/multiclass/diabetes_readmission.csv.gz", "readmitted", "multiclass", "patient_nbr",
    ),
    "california": (
        "tables/regression/california_housing.csv", "median_house_value", "regression", "random",
    ),
    "diamonds": ("tables/regression/diamonds.csv", "price", "regression", "random"),
    "bike_sharing": ("tables/regression/bike_sharing.csv", "cnt", "regression", "order"),
    "nycflights": ("tables/regression/nycflights.csv", "arr_delay", "regression", "tailnum"),
}  # fmt: skip


def halves(name: str) -> tuple[Any, Any, str, str]:
    """The open half, the hidden half, target, task."""
    path, target, task, how = TABLES[name]
    frame = pd.read_csv(
        Path(os.environ["HELDOUT_DATA"]) / path, skipinitialspace=True, na_values="?",
        sep=None if name == "bank_marketing" else ",", engine="python" if name == "bank_marketing" else None,
    )  # fmt: skip
    frame = frame.dropna(subset=[target])
    if task != "regression":
        frame[target] = [f"{v:g}" if isinstance(v, float) else str(v) for v in frame[target]]
    if len(frame) > 30_000:
        keep = np.sort(np.random.default_rng(1).permutation(len(frame))[:30_000])
        frame = frame.iloc[keep]
    rng = np.random.default_rng(7)
    if how == "random":
        hidden = rng.random(len(frame)) < 0.5
    elif how == "order":
        hidden = np.arange(len(frame)) >= len(frame) // 2
    else:
        groups = frame[how].astype(str)
        drawn = {g for g in groups.unique() if rng.random() < 0.5}
        hidden = groups.isin(drawn).to_numpy()
    return (
        frame[~hidden].reset_index(drop=True),
        frame[hidden].reset_index(drop=True),
        target,
        task,
    )


def claim_of_heldout(train: Any, target: str, seconds: int, folder: str) -> tuple[float, Any]:
    """Its score, with its interval, and its bundle."""
    import heldout

    run = heldout.run(train, target=target, budget=seconds, out=folder + "/run")
    said = json.loads((Path(folder) / "run" / "result.json").read_text())
    return said, run.load()


def one(tool: str, name: str, seconds: int) -> dict[str, Any]:
    """One tool on one table, in this process."""
    warnings.simplefilter("ignore")
    train, test, target, task = halves(name)
    y = test[target].to_numpy()
    metric = champions.METRIC[task]
    x = test.drop(columns=target)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HELDOUT_STATE"] = folder + "/state"
        started = time.perf_counter()
        more: dict[str, Any] = {}
        if tool == "heldout":
            said, bundle = claim_of_heldout(train, target, seconds, folder)
            if said["metric"] != metric:
                raise ValueError(f"judged by {said['metric']}")
            claim = said["score"]
            more = {k: said[k] for k in ("low", "high", "protocol", "answer")}
            more["set_aside"] = [s["column"] for s in said["set_aside"]]
            frame = bundle.predict(x).frame
            classes = list(bundle.task.classes)
            p = (
                np.column_stack([frame[f"probability_{c}"].to_numpy() for c in classes])
                if classes
                else frame[target].to_numpy()
            )
        elif tool == "flaml":
            from flaml import AutoML

            model = AutoML()
            model.fit(
                X_train=train.drop(columns=target), y_train=train[target], time_budget=seconds,
                metric=metric, n_jobs=2, verbose=0,
                task="regression" if task == "regression" else "classification",
            )  # fmt: skip
            claim = 1 - model.best_loss if metric == "roc_auc" else model.best_loss
            classes = [] if task == "regression" else list(model.classes_)
            p = model.predict(x) if task == "regression" else model.predict_proba(x)
        else:
            from autogluon.tabular import TabularPredictor

            theirs = {"regression": "mean_absolute_error"}.get(task, metric)
            kind = {"multiclass": "multiclass", "binary": "binary"}.get(task, "regression")
            model = TabularPredictor(
                target, kind, theirs, path=folder + "/ag", verbosity=0
            )  # numbers that are whole it takes for classes
            model.fit(train, time_limit=seconds, num_cpus=2)
            board = model.leaderboard()
            claim = float(board.set_index("model").loc[model.model_best, "score_val"])
            claim = claim if metric == "roc_auc" else -claim
            got = model.predict(x) if task == "regression" else model.predict_proba(x)
            classes = [] if task == "regression" else list(got.columns)
            p = got.to_numpy()
        truth = champions.score(task, y, p, classes)
        worst = trivial(task, train[target], y, classes)
        error = bootstrap(task, y, p, classes)
        return {
            "tool": tool, "table": name, "seconds": seconds, "metric": metric, "claim": float(claim),
            "truth": truth, "truth_error": error, "trivial": worst, "wall": time.perf_counter() - started,
            "gap": abs(claim - truth) / max(abs(truth - worst), 1e-12), **more,
        }  # fmt: skip


def bootstrap(task: str, y: Any, p: Any, classes: list[Any]) -> float:
    """The standard error of the truth: it is of some thousand rows too."""
    rng = np.random.default_rng(3)
    drawn = (rng.integers(0, len(y), len(y)) for _ in range(60))
    return float(np.std([champions.score(task, y[i], p[i], classes) for i in drawn]))


def floor(row: dict[str, Any]) -> float:
    """The mean gap of an unbiased claim: that of two normal errors, in the gap's unit."""
    claim = (row["high"] - row["low"]) / 3.92
    both = float(np.hypot(claim, row["truth_error"]))
    return both * float(np.sqrt(2 / np.pi)) / max(abs(row["truth"] - row["trivial"]), 1e-12)


def trivial(task: str, seen: Any, y: Any, classes: list[Any]) -> float:
    """The score without any skill."""
    if task == "binary":
        return 0.5
    if task == "regression":
        return float(np.mean(np.abs(y - np.median(seen))))
    rates = np.array([max(float((seen == c).mean()), 1e-6) for c in classes])
    return champions.score(task, y, np.tile(rates / rates.sum(), (len(y), 1)), classes)


def main() -> None:
    """Measure what the store lacks, then print it."""
    ask = argparse.ArgumentParser()
    ask.add_argument("seconds", nargs="?", type=int, default=60)
    ask.add_argument("--store", default="honesty.jsonl")
    ask.add_argument("--flaml")
    ask.add_argument("--autogluon")
    ask.add_argument("--only", default=",".join(TABLES))
    ask.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    said = ask.parse_args()
    if said.one:
        print(json.dumps(one(said.one[0], said.one[1], said.seconds)))
        return
    store = Path(said.store)
    rows = [json.loads(r) for r in store.read_text().splitlines()] if store.exists() else []
    known = {(r["tool"], r["table"], r["seconds"]) for r in rows}
    tools = {"heldout": sys.executable, "flaml": said.flaml, "autogluon": said.autogluon}
    for name in said.only.split(","):
        for tool, python in tools.items():
            if python is None or (tool, name, said.seconds) in known:
                continue
            done = subprocess.run(
                [python, __file__, str(said.seconds), "--one", tool, name],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            line = (done.stdout.strip().splitlines() or [""])[-1]
            if not line.startswith("{"):
                print(f"{name} {tool} failed: {done.stderr.strip()[-200:]}", flush=True)
                continue
            with store.open("a") as file:
                file.write(line + "\n")
            rows.append(json.loads(line))
            r = rows[-1]
            print(
                f"{name:<16}{tool:<10} {r['metric']:<9} claimed {r['claim']:.4f} true "
                f"{r['truth']:.4f} gap {r['gap']:.3f} {r['wall']:.0f} s {r.get('protocol', '')}",
                flush=True,
            )
    for tool in tools:
        gaps = [r["gap"] for r in rows if r["tool"] == tool and r["seconds"] == said.seconds]
        if gaps:
            print(f"{tool:<10} {len(gaps)} tables, median gap {np.median(gaps):.4f}, "
                  f"largest {max(gaps):.3f}")  # fmt: skip
    floors = [
        floor(r) for r in rows if r.get("truth_error") is not None and r.get("low") is not None
    ]
    if floors:
        print(f"{len(floors)} tables, median floor {np.median(floors):.4f}: chance alone")


if __name__ == "__main__":
    main()
