"""Eight tables at 10 and 60 s beside FLAML, scikit-learn's histogram boosting, and AutoGluon.

    python -m venv B && B/bin/pip install "flaml[automl]"          # not among the pinned requirements
    python bench/champions.py 10 60 --flaml B/bin/python [--autogluon C/bin/python] [--only NAME,..]

The same quarter of the rows is kept from all of them and scored once; the score is what each
one's model gets there, by scikit-learn's metric. heldout seals again inside its own part. Each
tool runs in a process of its own; its seconds are those of training and predicting, imports too.
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

TABLES = {
    "telco_churn": ("binary/telco_churn.csv", "Churn"),
    "adult": ("binary/adult.csv", "income"),
    "german_credit": ("binary/german_credit.csv", "class"),
    "online_shoppers": ("binary/online_shoppers.csv", "Revenue"),
    "penguins": ("multiclass/penguins.csv", "species"),
    "satimage": ("multiclass/satimage.csv", "class"),
    "diamonds": ("regression/diamonds.csv", "price"),
    "california": ("regression/california_housing.csv", "median_house_value"),
}
METRIC = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "mae"}


def parts(name: str) -> tuple[Any, Any, str, str]:
    """Training rows, kept rows, target, task."""
    import pandas as pd
    from sklearn.model_selection import train_test_split

    path, target = TABLES[name]
    frame = pd.read_csv(
        Path(os.environ["HELDOUT_DATA"]) / "tables" / path,
        skipinitialspace=True, quotechar="'" if "german" in name else '"',
    )  # fmt: skip
    task = path.split("/")[0]
    if task != "regression":
        frame[target] = [f"{v:g}" if isinstance(v, float) else str(v) for v in frame[target]]
    train, test = train_test_split(frame, test_size=0.25, random_state=7)
    return train.reset_index(drop=True), test.reset_index(drop=True), target, task


def score(task: str, y: Any, p: Any, classes: list[Any]) -> float:
    """ROC AUC, log loss, or mean absolute error."""
    from sklearn.metrics import log_loss, mean_absolute_error, roc_auc_score

    if task == "binary":
        return float(roc_auc_score(y == classes[1], p[:, 1]))
    if task == "multiclass":
        return float(log_loss(y, p, labels=classes))
    return float(mean_absolute_error(y, p))


def by_heldout(train: Any, test: Any, target: str, task: str, seconds: int, folder: str) -> Any:
    """The bundle of a run."""
    import numpy as np

    import heldout

    run = heldout.run(train, target=target, budget=seconds, out=folder + "/run")
    frame = run.load().predict(test).frame
    classes = list(run.load().task.classes)
    if not classes:
        return frame[target].to_numpy(), []
    return np.column_stack([frame[f"probability_{c}"].to_numpy() for c in classes]), classes


def by_flaml(train: Any, test: Any, target: str, task: str, seconds: int, folder: str) -> Any:
    """FLAML with its defaults and the same metric."""
    from flaml import AutoML

    model = AutoML()
    model.fit(
        X_train=train.drop(columns=target), y_train=train[target], time_budget=seconds,
        metric=METRIC[task], n_jobs=2, verbose=0,
        task="regression" if task == "regression" else "classification",
    )  # fmt: skip
    x = test.drop(columns=target)
    if task == "regression":
        return model.predict(x), []
    return model.predict_proba(x), list(model.classes_)


def by_autogluon(train: Any, test: Any, target: str, task: str, seconds: int, folder: str) -> Any:
    """AutoGluon's tabular predictor, defaults, the same metric."""
    from autogluon.tabular import TabularPredictor

    metric = {"regression": "mean_absolute_error"}.get(task, METRIC[task])
    model = TabularPredictor(target, eval_metric=metric, path=folder + "/ag", verbosity=0)
    model.fit(train, time_limit=seconds, num_cpus=2)
    x = test.drop(columns=target)
    if task == "regression":
        return model.predict(x).to_numpy(), []
    p = model.predict_proba(x)
    return p.to_numpy(), list(p.columns)


def by_boosting(train: Any, test: Any, target: str, task: str, seconds: int, folder: str) -> Any:
    """scikit-learn's histogram boosting, categories native, early stopping; knows no budget."""
    import pandas as pd
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    both = pd.concat([train, test]).drop(columns=target)
    for name in both.select_dtypes(["object", "string"]):
        codes = both[name].astype("category").cat.codes
        both[name] = codes.where(codes < 250, 250)
    x, x_test = both.iloc[: len(train)], both.iloc[len(train) :]
    common = {"early_stopping": True, "random_state": 0}
    if task == "regression":
        model = HistGradientBoostingRegressor(loss="absolute_error", **common)
        return model.fit(x, train[target]).predict(x_test), []
    model = HistGradientBoostingClassifier(**common).fit(x, train[target])
    return model.predict_proba(x_test), list(model.classes_)


WAYS = {
    "heldout": by_heldout, "flaml": by_flaml, "boosting": by_boosting, "autogluon": by_autogluon,
}  # fmt: skip


def one(tool: str, name: str, seconds: int) -> dict[str, Any]:
    """One tool on one table, in this process."""
    warnings.simplefilter("ignore")
    train, test, target, task = parts(name)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HELDOUT_STATE"] = folder + "/state"
        started = time.perf_counter()
        try:
            p, classes = WAYS[tool](train, test, target, task, seconds, folder)
            value, word = score(task, test[target].to_numpy(), p, classes), ""
        except Exception as error:
            value, word = float("nan"), f"{type(error).__name__}: {str(error)[:80]}"
        return {"value": value, "wall": time.perf_counter() - started, "word": word}


def main() -> None:
    """Print one row a table, tool and budget."""
    ask = argparse.ArgumentParser()
    ask.add_argument("seconds", nargs="*", type=int, default=[10, 60])
    ask.add_argument("--flaml", help="the interpreter that has FLAML")
    ask.add_argument("--autogluon", help="the interpreter that has AutoGluon")
    ask.add_argument("--only", default=",".join(TABLES))
    ask.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    said = ask.parse_args()
    if said.one:
        print(json.dumps(one(said.one[0], said.one[1], int(said.one[2]))))
        return
    pythons = {"heldout": sys.executable, "flaml": said.flaml, "autogluon": said.autogluon}
    pythons["boosting"] = sys.executable
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; absent: "
          f"{[k for k, v in pythons.items() if v is None]}")  # fmt: skip
    for seconds in said.seconds:
        for name in said.only.split(","):
            for tool, python in pythons.items():
                if python is None:
                    continue
                done = subprocess.run(
                    [python, __file__, "--one", tool, name, str(seconds)],
                    capture_output=True, text=True, check=False,
                )  # fmt: skip
                line = (done.stdout.strip().splitlines() or ["{}"])[-1]
                got = json.loads(line) if line.startswith("{") else {}
                value, wall = got.get("value", float("nan")), got.get("wall", float("nan"))
                word = got.get("word", done.stderr[-80:])
                print(f"{name:<16}{seconds:>4} s {tool:<10}{value:11.4f} {wall:7.1f} s {word}",
                      flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
