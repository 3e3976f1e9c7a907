"""Which metric suits which field: a catalogue to start from, by domain (TASK-13).

The names are those of ``--metric``. What a field judges by is a convention, not a law: where a
cost of each error is known, ``--cost`` says more.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Domain:
    """``task`` is that of ``--task``; ``metrics`` the usual ones, the first one first."""

    name: str
    task: str
    metrics: tuple[str, ...]
    why: str


DOMAINS: tuple[Domain, ...] = (
    Domain("advertising", "binary", ("log_loss", "roc_auc"), "bids are made from probabilities"),
    Domain("churn", "binary", ("average_precision", "roc_auc"), "only the top of the list is called"),
    Domain("credit", "binary", ("roc_auc", "brier"), "ranking decides, probabilities set the price"),
    Domain("fraud", "binary", ("average_precision", "precision", "recall"), "rare: accuracy flatters"),
    Domain("medicine, screening", "binary", ("recall", "balanced_accuracy"), "a miss is worst"),
    Domain("medicine, prognosis", "binary", ("brier", "log_loss"), "the probability is what is told"),
    Domain("manufacturing", "binary", ("mcc", "f1"), "few faults, both errors count"),
    Domain("species, digits", "multiclass", ("accuracy", "balanced_accuracy"), "classes alike"),
    Domain("tickets, topics", "multiclass", ("f1_macro", "log_loss"), "rare topics count as much"),
    Domain("prices, real estate", "regression", ("mae", "rmse", "r2"), "in the unit of the price"),
    Domain("energy, physics", "regression", ("rmse", "r2"), "large errors cost more than small"),
    Domain("sales, demand", "forecast", ("wape", "mae"), "in shares of what is sold"),
)  # fmt: skip


def catalog() -> str:
    """One line a domain.

    >>> print(catalog().splitlines()[1])
    advertising          binary      log_loss, roc_auc                     bids are made from probabilities
    """
    rows = [("domain", "task", "metrics", "why")]
    rows += [(d.name, d.task, ", ".join(d.metrics), d.why) for d in DOMAINS]
    return "\n".join(f"{a:<21}{b:<12}{c:<38}{d}".rstrip() for a, b, c, d in rows)
