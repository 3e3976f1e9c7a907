"""What is tried, in which order: the linear model first, since it is there
within a second, then gradient boosting in a few shapes, then what makes an ensemble richer."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from heldout.core.space import Settings
from heldout.models.card import MODELS, Size
from heldout.models.learners.lightgbm import most_rounds
from heldout.models.learners.realmlp import SMALL as SMALL_MLP
from heldout.models.medians import MEDIAN_METRICS
from heldout.models.per_target import does
from heldout.tasks.task import Task

SHORT, LONG = 30.0, 200.0  # seconds of budget: below, the quick shapes only; above, slow ones
SMALL = 3_000  # rows: below, small extra trees come first
CELLS = 300_000  # rows x features: below, forests and networks are cheap
MANY = 5  # classes: from here on boosting grows as many trees a round, a forest one
NET_BUDGET, NET_ROWS = 60.0, 200  # seconds, rows from which a network is tried


@dataclass(frozen=True)
class Candidate:
    """A learner with its settings: enough to refit on other data. ``name`` is for people."""

    name: str
    card: str
    settings: Settings = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """SHA-256 of learner, version and settings, hexadecimal; the name does not count.

        >>> Candidate("a", "ridge").digest == Candidate("b", "ridge").digest
        True
        """
        version = MODELS.get(self.card).version
        text = json.dumps([self.card, version, dict(self.settings)], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def as_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {"name": self.name, "card": self.card, "settings": dict(self.settings)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Candidate:
        """The inverse of ``as_dict``."""
        return cls(data["name"], data["card"], dict(data["settings"]))


def portfolio(
    task: Task,
    size: Size,
    budget_seconds: float,
    only: Collection[str] | None = None,
    pictures: bool = False,
) -> list[Candidate]:
    """Candidates in order. ``size`` is that of the training samples in the view "trees";
    ``only`` are names of learners or of candidates (H103 where there is no such learner);
    ``pictures`` says that there are some to look at.
    """
    listed = _picture_rows if pictures else _rows
    rows = [c for c in listed(task, size, budget_seconds) if does(MODELS.get(c.card), task)]
    if task.metric in MEDIAN_METRICS:
        rows = [_median(c) for c in rows]
    rows = [_quick_enough(c, task) for c in rows]
    if only is None:
        return rows
    kept = [c for c in rows if c.name in only or c.card in only]
    known = {c.card for c in kept} | {c.name for c in kept}
    more = [n for n in only if n not in known]
    fits = [n for n in more if pictures or MODELS.get(n).view != "image"]
    return kept + [Candidate(n, n) for n in fits if does(MODELS.get(n), task)]


def _rows(task: Task, size: Size, budget: float) -> list[Candidate]:
    """The rows of the table whose time has come."""
    values = not task.is_likely
    patience = _patience(size.rows, budget)
    small = _boosted("small", SMALL_XT, patience)
    fast, extra = _boosted("fast", FAST, patience), _boosted("extra", FAST_XT, patience)
    slow = budget >= LONG
    wide = _boosted("wide", {**WIDE, "learning_rate": 0.0114 if slow else 0.04}, patience)
    deep = _boosted("leafy", {**XT_39, "learning_rate": 0.018 if slow else 0.04}, patience)
    tuned = _boosted("tuned", TD_VALUES if values else TD_CLASSES, patience)
    tree = Candidate("decision_tree", "decision_tree")
    sparse = Candidate("elastic_net", "elastic_net")
    forests = [Candidate("extra_trees", "extra_trees"), Candidate("random_forest", "random_forest")]
    order = [Candidate("ridge", "ridge") if values else Candidate("logistic", "logistic")]
    order += [small, extra, fast] if size.rows < SMALL else [fast, extra]
    order.append(tree)
    if task.kind == "multiclass" and task.outputs >= MANY:
        order.insert(1, Candidate("extra_trees_few", "extra_trees", FEW_TREES))
    elif size.rows * size.features < CELLS:
        grown = VALUES_FOREST if values else CLASSES_FOREST
        order.insert(2, Candidate("extra_trees_few", "extra_trees", grown))
    if budget < SHORT:
        return order
    if values and size.rows >= SMALL:
        order.insert(1, wide)
        order += [deep, tuned]
    else:
        order += [deep, wide, tuned]
    if values and task.metric in MEDIAN_METRICS:
        order.insert(2, _boosted("mean", {**FAST, "objective": "l2"}, patience))
    if networks_fit(size, budget):  # smooth joint effects are worth more to numbers than to classes
        at = 3 if values else len(order) - 1
        order[at:at] = _nets(values, slow)
    order.append(sparse)
    if slow or size.rows * size.features < CELLS:
        order += forests
    if slow:
        order += [_boosted(name, settings, patience) for name, settings in MORE.items()]
    return order


def _picture_rows(task: Task, size: Size, budget: float) -> list[Candidate]:
    """What mean colors tell, then networks that look; the large one where there is time. One of
    blocks is not among them: as accurate on 2,000 pictures, at three times the seconds (bench/LOG.md)."""
    first = "logistic" if task.is_likely else "ridge"
    order = [
        Candidate(first, first),
        _boosted("fast", FAST, _patience(size.rows, budget)),
    ]
    if keras_is_installed():
        order += [Candidate("convnet_small", "convnet", QUICK_LOOK)]
        order += [Candidate("convnet", "convnet", {})] if budget >= LONG else []
    return order


def networks_fit(size: Size, budget: float) -> bool:
    """Whether a network is worth its time, and Keras is here (the extra "nets")."""
    small = size.rows * size.features < CELLS or budget >= LONG
    return budget >= NET_BUDGET and size.rows >= NET_ROWS and small and keras_is_installed()


def _nets(values: bool, slow: bool) -> list[Candidate]:
    """Measured (docs/networks-for-tables.md): on numbers wider and longer pays, and RealMLP beats the
    dense net; on classes TabM does, where there is time for its members."""
    nets = [Candidate("dense_net", "dense_net", WIDE_NET if values else {})]
    if values:
        nets.append(Candidate("realmlp_small", "realmlp", SMALL_MLP))
    if slow:
        nets += [Candidate("realmlp", "realmlp")] if values else []
        nets.append(Candidate("tabm", "tabm"))
    return nets


def keras_is_installed() -> bool:
    """Whether networks can be fitted; nothing is imported."""
    return all(importlib.util.find_spec(name) is not None for name in ("keras", "jax"))


def _boosted(name: str, settings: Settings, patience: int) -> Candidate:
    return Candidate(f"lightgbm_{name}", "lightgbm", {**settings, "patience": patience})


def _median(candidate: Candidate) -> Candidate:
    """Boosting and networks learn a median where a median is asked for; said in the settings, so
    that its price is known."""
    can = candidate.card == "lightgbm" or MODELS.get(candidate.card).family == "net"
    known = "objective" in MODELS.get(candidate.card).space
    if not (can and known) or "objective" in candidate.settings:
        return candidate
    return Candidate(candidate.name, candidate.card, {**candidate.settings, "objective": "l1"})


def _quick_enough(candidate: Candidate, task: Task) -> Candidate:
    """Raise a learning rate that the limit of nodes would cut short: many classes, many leaves
    or a median need more rounds than a bundle has room for."""
    if candidate.card != "lightgbm":
        return candidate
    settings = dict(candidate.settings)
    room = most_rounds(settings, task.outputs if task.outputs > 2 or task.parts else 1)
    median = settings.get("objective") == "l1"
    path = 12.0 if task.is_likely else 80.0 if median else 40.0
    if settings.get("extra_trees"):
        path *= 2.0
    rate = max(settings["learning_rate"], min(0.3, path / room))
    return Candidate(candidate.name, candidate.card, {**settings, "learning_rate": round(rate, 4)})


def _patience(rows: int, budget: float) -> int:
    """Rounds without gain before boosting stops."""
    if budget < SHORT:
        return 50
    if budget < LONG:
        return 100
    return max(20, round(300 * min(1.0, 10_000 / max(rows, 1))))


def _lgb(
    rate: float, leaves: int, least: int, features: float, bagging: float, **more: Any
) -> dict[str, Any]:
    return {
        "learning_rate": rate,
        "leaves": leaves,
        "min_leaf": least,
        "feature_fraction": features,
        "bagging_fraction": bagging,
        **more,
    }


XT = {"extra_trees": True}
CLASSES_FOREST: Settings = {"trees": 100, "nodes": 120_000}
VALUES_FOREST: Settings = {"trees": 60, "nodes": 120_000, "min_leaf": 1, "max_features": 1.0}
FEW_TREES: Settings = {"trees": 60, "nodes": 250_000}  # many classes need leaves rather than trees
WIDE_NET = {"units": 256, "learning_rate": 0.003, "epochs": 100, "patience": 15}
QUICK_LOOK = {"shrink": 2, "filters": 16, "epochs": 16, "learning_rate": 0.002}
FAST = _lgb(0.1, 31, 20, 0.8, 0.9)
FAST_XT = _lgb(0.1, 31, 20, 0.8, 0.9, l2=1.0, **XT)
SMALL_XT = _lgb(0.05, 7, 12, 0.73, 0.85, **XT)
XT_39 = _lgb(
    0.0179, 39, 3, 0.462, 0.877, l1=0.238, l2=0.355, cat_l2=0.342, cat_smooth=15.4,
    onehot=16, per_group=9, **XT,
)  # fmt: skip
WIDE = _lgb(
    0.0114, 84, 3, 0.528, 0.978, l1=0.027, l2=0.838, cat_l2=0.155, cat_smooth=0.0093,
    onehot=42, per_group=75,
)  # fmt: skip
TD_CLASSES = _lgb(0.04, 50, 40, 1.0, 0.75)
TD_VALUES = _lgb(0.05, 100, 3, 1.0, 0.7)
MORE = {
    "coarse": _lgb(0.0074, 8, 15, 0.425, 0.722, l1=0.113, l2=0.262, **XT),
    "fine": _lgb(0.018, 180, 12, 0.405, 0.95, l1=0.766, l2=1.6, **XT),
    "light": _lgb(0.0398, 16, 1, 0.579, 0.959, l1=0.939, l2=0.99),
    "thin": _lgb(0.0134, 20, 2, 0.425, 0.711, l1=0.514, l2=0.513),
    "stumps": _lgb(0.0127, 5, 12, 0.734, 0.854, l1=0.241, l2=0.298, **XT),
    "slow": _lgb(0.0079, 8, 24, 0.94, 0.815, l1=0.437, l2=0.3),
}
"""Sources: AutoGluon's CPU portfolio of December 2025 (rounded), TabArena, pytabkit."""
