"""Hand-written records: one run of each kind, with numbers that agree with each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import decisions

from heldout.core.journal import Entry, Journal
from heldout.report.record import RunRecord

Steps = dict[str, dict[str, Any]]


def column(
    name: str, kind: str = "number", role: str = "input", reason: str = ""
) -> dict[str, Any]:
    """A column as ``Schema.as_dict`` gives it."""
    return {
        "name": name, "kind": kind, "role": role, "reason": reason, "missing": [], "nulls": 0,
        "distinct": 73, "levels": [], "formats": [], "decimal": ".", "whole": True, "low": 0.0,
        "high": 72.0,
    }  # fmt: skip


def telco() -> Steps:
    """A sealed binary run with signal."""
    folder = "runs/telco_churn"
    return {
        "start": {
            "command": "heldout run telco_churn.csv --target Churn --budget 60s",
            "version": "0.1.0", "run_id": "1f2e3d4c5b6a7988", "source": "telco_churn.csv",
            "rows": 7043, "columns": 21, "budget": 60.0, "seed": 0,
            "started": "2026-11-22T10:00:00+00:00",
        },
        "read": {
            "notes": ["TotalCharges: 11 blanks read as missing, the rest as numbers."],
            "guesses": {"delimiter": ","},
            "columns": [
                column("customerID", "category", "ignored", "an identifier, different in every row."),
                column("tenure", reason="72 different whole numbers"),
                column("Contract", "category", reason="3 different texts"),
                column("TotalCharges", reason="99.8 % of the texts are numbers"),
                column("Churn", "category", "target", "the column to predict"),
            ],
        },
        "define": {
            "task": {
                "kind": "binary", "target": "Churn", "metric": "roc_auc",
                "greater_is_better": True, "classes": ["No", "Yes"], "positive": "Yes",
                "unit": "row", "cost": {}, "questions": [],
            }
        },
        "plan": {
            "protocol": "holdout", "sealed": 1409, "open": 5634, "folds": 5, "repeats": 1,
            "unit": "row", "units": 7043, "rarest": 1869, "n": 7043, "fits_per_candidate": 5,
            "interval": True,
        },
        "audit": {
            "findings": [
                {
                    "code": "R1", "check": "dominance", "severity": "note",
                    "what": "`tenure` alone does much of the work", "where": ["tenure"],
                    "evidence": {"auc": 0.741}, "why": "", "did": "", "advice": "",
                    "overrule": "", "question": "Would you know `tenure`, with this value, when you predict?",
                }
            ],
            "set_aside": [], "not_run": [],
        },
        "baseline": {
            "nulls": [{"name": "prior", "value": 0.5}],
            "best_null": {"name": "prior", "value": 0.5},
            "best_column": {"name": "tenure", "value": 0.741}, "metric": "roc_auc",
        },
        "leaderboard": {
            "rows": [
                {"rank": 1, "name": "lightgbm_1", "model": "lightgbm", "score": 0.842, "low": 0.831,
                 "high": 0.853, "weight": 0.6, "seconds": 4.2, "complete": True},
                {"rank": 2, "name": "logistic_1", "model": "logistic", "score": 0.84, "low": 0.829,
                 "high": 0.851, "weight": 0.4, "seconds": 0.6, "complete": True},
                {"rank": 3, "name": "dummy", "model": "dummy", "score": 0.5, "low": 0.5,
                 "high": 0.5, "weight": 0.0, "seconds": 0.01, "complete": True},
            ]
        },
        "ensemble": {
            "members": [{"name": "lightgbm_1", "weight": 0.6}, {"name": "logistic_1", "weight": 0.4}],
            "score": 0.846, "best_single": 0.842, "gain": 0.004, "gain_low": 0.001,
            "gain_high": 0.007, "tried": 15,
        },
        "calibrate": {"kind": "platt"},
        "threshold": {"threshold": 0.5, "chosen_by": "default"},
        "crossval": {"metric": "roc_auc", "value": 0.846, "low": 0.835, "high": 0.857, "samples": 5634, "note": ""},
        "gate": {"signal": True, "gain": 0.346, "low": 0.335, "high": 0.357, "detectable": 0.016},
        "parity": {"rows": 15634, "largest": 4e-16, "over": 0, "runtimes": {"onnxruntime": "1.32.0"}},
        "importance": {
            "metric": "roc_auc", "samples": 5634,
            "rows": [
                {"column": "tenure", "drop": 0.061, "low": 0.052, "high": 0.07},
                {"column": "Contract", "drop": 0.049, "low": 0.04, "high": 0.058},
                {"column": "TotalCharges", "drop": 0.004, "low": -0.001, "high": 0.009},
            ],
        },
        "failures": {
            "rows": [
                {"row": 4711, "truth": "Yes", "probability": 0.03, "loss": 3.5,
                 "values": {"tenure": "70", "Contract": "Two year", "TotalCharges": "<b>7,001</b>"}},
                {"row": 12, "truth": "No", "probability": 0.91, "loss": 2.4,
                 "values": {"tenure": "1", "Contract": "Month-to-month", "TotalCharges": "70.35"}},
            ]
        },
        "operating": {
            "threshold": 0.5, "flagged": 301, "right": 199, "missed": 175, "positives": 374,
            "samples": 1409, "precision": [0.661, 0.606, 0.712], "recall": [0.532, 0.481, 0.582],
            "by_chance": 79.9, "per_1000": {},
        },
        "reliability": {
            "bins": [
                {"low": 0.0, "high": 0.2, "mean": 0.08, "share": 0.09, "share_low": 0.07, "share_high": 0.11, "n": 700},
                {"low": 0.2, "high": 0.5, "mean": 0.34, "share": 0.31, "share_low": 0.26, "share_high": 0.36, "n": 408},
                {"low": 0.5, "high": 1.0, "mean": 0.66, "share": 0.66, "share_low": 0.61, "share_high": 0.71, "n": 301},
            ]
        },
        "seal": {"openings": 1, "before": []},
        "verdict": {
            "metric": "roc_auc", "value": 0.845, "low": 0.822, "high": 0.866, "samples": 1409,
            "baseline": 0.5, "best_column": 0.741, "level": 0.95, "sealed": True, "label": "sealed",
            "warning": "",
        },
        "finish": {
            "seconds": 58.4, "bundle": f"{folder}/telco_churn.heldout", "bundle_bytes": 1_900_000,
            "report": f"{folder}/report.html", "signal": True,
        },
    }  # fmt: skip


def small() -> Steps:
    """Too few rows to seal."""
    steps = telco()
    steps["plan"] |= {
        "protocol": "repeated",
        "sealed": 0,
        "open": 690,
        "folds": 10,
        "repeats": 5,
        "n": 690,
        "rarest": 307,
    }
    steps["ensemble"]["tried"] = 12
    for gone in ("seal", "operating", "importance"):
        del steps[gone]
    steps["verdict"] |= {
        "value": 0.831,
        "low": 0.783,
        "high": 0.872,
        "samples": 690,
        "sealed": False,
    }
    return steps


def prices() -> Steps:
    """A number as target."""
    steps = telco()
    steps["start"] |= {"source": "prices.csv", "rows": 9000}
    steps["define"]["task"] = {
        "kind": "regression", "target": "price", "metric": "mae", "greater_is_better": False,
        "classes": [], "positive": None, "unit": "row", "cost": {}, "questions": [],
    }  # fmt: skip
    steps["audit"]["findings"] = []
    steps["baseline"] |= {
        "nulls": [{"name": "mean", "value": 1011.2}, {"name": "median", "value": 938.3}],
        "best_null": {"name": "median", "value": 938.3},
        "best_column": {"name": "size", "value": 701.0}, "metric": "mae",
    }  # fmt: skip
    steps["verdict"] |= {
        "metric": "mae",
        "value": 412.2,
        "low": 398.1,
        "high": 426.9,
        "samples": 4000,
        "baseline": 938.3,
    }
    steps["crossval"] |= {"metric": "mae", "value": 415.0, "low": 409.0, "high": 421.0}
    steps["ensemble"] |= {
        "score": 415.0,
        "best_single": 421.0,
        "gain": 6.0,
        "gain_low": 2.0,
        "gain_high": 10.0,
    }
    for row, score in zip(steps["leaderboard"]["rows"], (421.0, 560.0, 938.3), strict=True):
        row |= {"score": score, "low": score - 9, "high": score + 9}
    steps["importance"] = {
        "metric": "mae", "samples": 5000,
        "rows": [{"column": "size", "drop": 300.0, "low": 280.0, "high": 320.0}],
    }  # fmt: skip
    steps["failures"]["rows"] = [
        {"row": 7, "truth": 9000, "prediction": 2100.5, "loss": 6899.5, "values": {"size": "40"}}
    ]
    for gone in ("operating", "reliability", "threshold"):
        del steps[gone]
    return steps


def classes() -> Steps:
    """Three classes."""
    steps = telco()
    steps["define"]["task"] = {
        "kind": "multiclass", "target": "species", "metric": "log_loss",
        "greater_is_better": False, "classes": ["a", "b", "c"], "positive": None,
        "unit": "plant", "cost": {}, "questions": [],
    }  # fmt: skip
    steps["baseline"] |= {"best_null": {"name": "prior", "value": 1.098}, "best_column": None}
    steps["verdict"] |= {
        "metric": "log_loss",
        "value": 0.212,
        "low": 0.19,
        "high": 0.237,
        "baseline": 1.098,
        "best_column": None,
    }
    steps["ensemble"] |= {"gain": 0.01, "gain_low": 0.004, "gain_high": 0.016}
    for gone in ("operating", "reliability", "threshold"):
        del steps[gone]
    return steps


def leak() -> Steps:
    """A column was set aside."""
    steps = telco()
    steps["start"] |= {"source": "titanic.csv", "rows": 1309}
    steps["define"]["task"]["target"] = "survived"
    steps["audit"]["set_aside"] = [
        {
            "column": "boat", "code": "S", "score_with": 0.991, "score_without": 0.859,
            "reason": "`boat`: filled for 477 of the 500 Yes, 9 of the 809 No. It seems to be "
            "written after the outcome.",
        }
    ]  # fmt: skip
    return steps


def nothing() -> Steps:
    """No signal."""
    steps = telco()
    steps["gate"] = {
        "signal": False,
        "gain": 0.007,
        "low": -0.011,
        "high": 0.025,
        "detectable": 0.026,
    }
    steps["verdict"] |= {"value": 0.507, "low": 0.489, "high": 0.525, "samples": 4200}
    steps["finish"]["signal"] = False
    return steps


def again() -> Steps:
    """The same rows were opened before."""
    steps = telco()
    steps["seal"] = {"openings": 3, "before": ["churn", "churn-2"]}
    return steps


def interrupted() -> Steps:
    """Ended while candidates were tried."""
    steps = telco()
    kept = ("start", "read", "define", "plan", "audit", "baseline", "leaderboard", "crossval")
    return {name: steps[name] for name in kept}


def decided() -> Steps:
    """A sealed binary run with costs and every entry about decisions."""
    steps = decisions.everything(telco())
    steps["define"]["task"] |= {"cost": {"miss": 5.0, "alarm": 1.0}, "unit": "customer"}
    steps["assumptions"] = {
        "assumptions": [{"text": "Nobody knows."}],
        "definition": {"volume": 400},
    }
    steps["looks"] = {"looks": 25, "cost": 0.0003}
    return steps


def errors() -> Steps:
    """A number as target, its errors looked at."""
    return prices() | {"residuals": decisions.residuals()}


def mistaken() -> Steps:
    """Three classes, taken for each other."""
    return classes() | {"confusion": decisions.confused(["a", "b", "c"])}


ALL = {
    f.__name__: f
    for f in (
        telco, small, prices, classes, leak, nothing, again, interrupted, decided, errors, mistaken,
    )
}  # fmt: skip


def record(steps: Steps, folder: str = "runs/telco_churn") -> RunRecord:
    """The record that a run of these steps would leave."""
    entries = [Entry(step, f"{step} was decided", "for a reason", n) for step, n in steps.items()]
    return RunRecord(tuple(entries), Path(folder))


def write(steps: Steps, folder: Path) -> Path:
    """A run folder with the journal of these steps."""
    folder.mkdir(parents=True, exist_ok=True)
    journal = Journal(folder / "journal.jsonl")
    for step, numbers in steps.items():
        journal.append(step, f"{step} was decided", "for a reason", numbers)
        if step == "baseline":
            for fold in range(3):
                journal.append(
                    "fit", "lightgbm_1 done", "", {"candidate": "lightgbm_1", "fold": fold,
                    "score": 0.84, "cpu_seconds": 0.8, "rounds": 120, "status": "done"},
                )  # fmt: skip
    return folder
