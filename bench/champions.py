"""Eight tables at 10 and 60 s beside FLAML and scikit-learn's histogram boosting.

    pip install "flaml[automl]"        # not among the pinned requirements: 1.2 GB
    python bench/champions.py [10 60]

The same quarter of the rows is kept from all of them and scored once; the score is what each
one's model gets there, by scikit-learn's metric. heldout seals again inside its own part.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import log_loss, mean_absolute_error, roc_auc_score
from sklearn.model_selection import train_test_split

TABLES = (
    ("telco_churn", "binary/telco_churn.csv", "Churn"),
    ("adult", "binary/adult.csv", "income"),
    ("german_credit", "binary/german_credit.csv", "class"),
    ("online_shoppers", "binary/online_shoppers.csv", "Revenue"),
    ("penguins", "multiclass/penguins.csv", "species"),
    ("satimage", "multiclass/satimage.csv", "class"),
    ("diamonds", "regression/diamonds.csv", "price"),
    ("california", "regression/california_housing.csv", "median_house_value"),
)


def score(task: str, y: Any, p: Any, classes: list[Any]) -> float:
    """ROC AUC, log loss, or mean absolute error."""
    if task == "binary":
        return float(roc_auc_score(y == classes[1], p[:, 1]))
    if task == "multiclass":
        return float(log_loss(y, p, labels=classes))
    return float(mean_absolute_error(y, p))


def by_heldout(
    train: Any, test: Any, target: str, seconds: int, folder: Path
) -> tuple[Any, list[Any]]:
    """The bundle of a run."""
    import heldout

    run = heldout.run(train, target=target, budget=seconds, out=str(folder))
    frame = run.load().predict(test).frame
    classes = list(run.load().task.classes)
    if not classes:
        return frame[target].to_numpy(), []
    return np.column_stack([frame[f"probability_{c}"].to_numpy() for c in classes]), classes


def by_flaml(train: Any, test: Any, target: str, seconds: int, task: str) -> tuple[Any, list[Any]]:
    """FLAML with its defaults and the same metric."""
    from flaml import AutoML

    metric = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "mae"}[task]
    model = AutoML()
    model.fit(
        X_train=train.drop(columns=target), y_train=train[target], time_budget=seconds, metric=metric,
        task="regression" if task == "regression" else "classification", n_jobs=2, verbose=0,
    )  # fmt: skip
    x = test.drop(columns=target)
    return (
        (model.predict(x), [])
        if task == "regression"
        else (model.predict_proba(x), list(model.classes_))
    )


def by_boosting(train: Any, test: Any, target: str, task: str) -> tuple[Any, list[Any]]:
    """scikit-learn's histogram boosting, categories native, early stopping."""
    make = HistGradientBoostingRegressor if task == "regression" else HistGradientBoostingClassifier
    both = pd.concat([train, test]).drop(columns=target)
    for name in both.select_dtypes(["object", "string"]):
        codes = both[name].astype("category").cat.codes
        both[name] = codes.where(codes < 250, 250)
    x, x_test = both.iloc[: len(train)], both.iloc[len(train) :]
    model = make(
        early_stopping=True,
        random_state=0,
        **({"loss": "absolute_error"} if task == "regression" else {}),
    )
    model.fit(x, train[target])
    return (
        (model.predict(x_test), [])
        if task == "regression"
        else (model.predict_proba(x_test), list(model.classes_))
    )


def main() -> None:
    """Print one row a table, tool and budget."""
    warnings.simplefilter("ignore")
    root = Path(os.environ["HELDOUT_DATA"]) / "tables"
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for seconds in [int(a) for a in sys.argv[1:]] or [10, 60]:
        for name, path, target in TABLES:
            frame = pd.read_csv(
                root / path, skipinitialspace=True, quotechar="'" if "german" in name else '"'
            )
            if not path.startswith("regression"):
                frame[target] = [
                    f"{v:g}" if isinstance(v, float) else str(v) for v in frame[target]
                ]
            task = path.split("/")[0]
            train, test = train_test_split(frame, test_size=0.25, random_state=7)
            with tempfile.TemporaryDirectory() as folder:
                os.environ["HELDOUT_STATE"] = folder + "/state"
                ways = {
                    "heldout": lambda: by_heldout(
                        train, test, target, seconds, Path(folder) / "run"
                    ),
                    "flaml": lambda: by_flaml(train, test, target, seconds, task),
                    "boosting": lambda: by_boosting(train, test, target, task),
                }
                for tool, way in ways.items():
                    started = time.perf_counter()
                    try:
                        p, classes = way()
                        value = score(task, test[target].to_numpy(), p, classes)
                    except Exception as error:
                        value, classes = float("nan"), [type(error).__name__, str(error)[:60]]
                    wall = time.perf_counter() - started
                    print(
                        f"{name:<16}{seconds:>4} s {tool:<9} {value:10.4f} {wall:7.1f} s {'' if value == value else classes}",
                        flush=True,
                    )


if __name__ == "__main__":
    main()
