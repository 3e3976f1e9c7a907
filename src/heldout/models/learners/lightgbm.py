"""Gradient boosting of trees by LightGBM (MODEL-08)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from heldout.core.arrays import Doubles
from heldout.core.space import Choice, Real, Settings, Space, Whole
from heldout.models._lightgbm import lightgbm
from heldout.models.card import Cost, FitInput, Fitted, ModelCard, Size, State
from heldout.models.link import probabilities, probabilities_onnx
from heldout.models.medians import MEDIAN_METRICS
from heldout.models.settings import complete
from heldout.models.trees import Trees, sums
from heldout.models.trees_lightgbm import read
from heldout.primitives.block import Block
from heldout.tasks.task import Task

if TYPE_CHECKING:
    from heldout.graph.tape import Tape

MAX_ROUNDS, MAX_NODES = 10_000, 200_000
ALIASES = {
    "leaves": "num_leaves",
    "min_leaf": "min_data_in_leaf",
    "feature_fraction": "feature_fraction",
    "bagging_fraction": "bagging_fraction",
    "l1": "lambda_l1",
    "l2": "lambda_l2",
    "extra_trees": "extra_trees",
    "learning_rate": "learning_rate",
    "cat_l2": "cat_l2",
    "cat_smooth": "cat_smooth",
    "onehot": "max_cat_to_onehot",
    "per_group": "min_data_per_group",
}
SPACE: Space = {
    "learning_rate": Real(0.005, 0.2, 0.1, log=True),
    "leaves": Whole(2, 200, 31, log=True),
    "min_leaf": Whole(1, 64, 20, log=True),
    "feature_fraction": Real(0.4, 1.0, 0.8),
    "bagging_fraction": Real(0.7, 1.0, 0.9),
    "l1": Real(1e-4, 1.0, 1e-4, log=True),
    "l2": Real(1e-4, 2.0, 1e-4, log=True),
    "extra_trees": Choice((False, True), False),
    "per_group": Whole(2, 100, 100, log=True),
    "cat_l2": Real(5e-3, 10.0, 10.0, log=True),
    "cat_smooth": Real(1e-3, 100.0, 10.0, log=True),
    "onehot": Whole(4, 100, 4, log=True),
    "patience": Whole(20, 300, 50),
    "objective": Choice((None, "l1", "l2"), None),
}


def fit_one(given: FitInput) -> Fitted:
    """Boosts until the inner part has not improved for max(patience, 0.3 * best + 20) rounds,
    the nodes are spent, or the deadline comes; exactly ``rounds`` where they are given."""
    booster, best, stopped = _boosted(given)
    trees = read(booster.model_to_string(num_iteration=best), _width(given.task))

    def predict(block: Block) -> Doubles:
        return _answers(booster, best, block, given.task)

    numbers = {"tree_nodes": trees.nodes, "rounds_run": booster.current_iteration()}
    return Fitted(trees.state(), predict, best, stopped, numbers)


def answers(given: FitInput, test: Block) -> Doubles:
    """(rows, outputs): what ``fit_one(given).predict(test)`` says, for one who keeps no model:
    writing out hundreds of trees costs a fifth of a small fit."""
    booster, best, _ = _boosted(given)
    return _answers(booster, best, test, given.task)


def _boosted(given: FitInput) -> tuple[Any, int, bool]:
    """The booster, its best round, and whether the deadline cut the search for it short."""
    lgb = lightgbm()
    settings = complete(SPACE, given.settings)
    params = _params(given, settings)
    train = _dataset(lgb, given.train, given.y, given.weights, params)
    booster = lgb.Booster(params, train)
    watched = given.rounds is None and given.inner is not None
    if watched and given.inner is not None:
        inner = lgb.Dataset(given.inner.x, given.y_inner, reference=train, params=params)
        booster.add_valid(inner, "inner")
    most = given.rounds or most_rounds(settings, _width(given.task), given.share)
    return booster, *_boost(booster, most, watched, settings, given)


def _answers(booster: Any, best: int, block: Block, task: Task) -> Doubles:
    raw = booster.predict(block.x, num_iteration=best, raw_score=True)
    return _link(np.asarray(raw, dtype=np.float64).reshape(len(block.x), _width(task)), task)


def _boost(
    booster: Any, most: int, watched: bool, settings: Settings, given: FitInput
) -> tuple[int, bool]:
    """The best round, and whether the deadline cut the search for it short."""
    best, best_loss = 0, math.inf
    for done in range(1, most + 1):
        finished = booster.update()
        if watched:
            loss = booster.eval_valid()[0][2]
            if loss < best_loss:
                best, best_loss = done, loss
            if done - best > max(settings["patience"], 0.3 * best + 20):
                return max(best, 1), False
        if finished:
            return max(best, 1) if watched else max(done - 1, 1), False
        if given.deadline.passed:
            return max(best, 1) if watched else done, done < most
    return max(best, 1) if watched else most, False


def most_rounds(settings: Settings, width: int, share: float = 1.0) -> int:
    """Rounds until the node limit of one model, or a ``share`` of it, at most 10,000."""
    nodes = 2 * int(settings["leaves"]) * width
    return max(20, min(MAX_ROUNDS, int(share * MAX_NODES) // nodes))


def _params(given: FitInput, settings: Settings) -> dict[str, Any]:
    """LightGBM's own names; what would make results depend on chance or machine is off."""
    n = len(given.y)
    params: dict[str, Any] = {ALIASES[k]: v for k, v in settings.items() if k in ALIASES}
    params["min_data_in_leaf"] = min(params["min_data_in_leaf"], max(1, n // 20))
    params["min_data_per_group"] = min(params["min_data_per_group"], max(2, n // 10))
    params |= _objective(given.task, settings["objective"])
    params |= {
        "bagging_freq": 1,
        "feature_pre_filter": False,
        "zero_as_missing": False,
        "deterministic": True,
        "force_row_wise": True,  # the choice would be made by the clock
        "num_threads": given.threads,
        "seed": given.seed.integer(),
        "verbosity": -1,
    }
    return params


def _objective(task: Task, asked: str | None) -> dict[str, Any]:
    if task.is_classification:
        if task.outputs == 2:
            return {"objective": "binary", "metric": "binary_logloss"}
        return {"objective": "multiclass", "metric": "multi_logloss", "num_class": task.outputs}
    kind = asked or ("l1" if task.metric in MEDIAN_METRICS else "l2")
    metric = "l1" if task.metric in MEDIAN_METRICS else "l2"
    return {"objective": {"l1": "regression_l1", "l2": "regression"}[kind], "metric": metric}


def _dataset(
    lgb: Any, block: Block, y: Doubles, weights: Doubles | None, params: Mapping[str, Any]
) -> Any:
    categorical = [i for i, c in enumerate(block.parts["x"].categorical) if c]
    return lgb.Dataset(
        block.x, y, weight=weights, categorical_feature=categorical, params=dict(params)
    )


def _width(task: Task) -> int:
    return task.outputs if task.outputs > 2 else 1


def _link(raw: Doubles, task: Task) -> Doubles:
    return probabilities(raw) if task.is_classification else raw


def to_onnx(
    state: State, _settings: Settings, task: Task, tape: Tape, parts: Mapping[str, str]
) -> str:
    """The sum of the trees in double (LightGBM's bits), then sigmoid or softmax."""
    width = _width(task)
    raw = sums(Trees.from_state(state), width, tape, tape.cast(parts["x"], "double"))
    return probabilities_onnx(tape, raw, width) if task.is_classification else raw


def cost(size: Size, settings: Settings) -> Cost:
    """CPU seconds = binning + rounds * classes * (rows and cells looked at + histograms).

    Fitted to eight tables on one core of 2026, within a factor of about two: rounds until the
    best are the most uncertain part, and the run itself corrects the price.
    """
    full = complete(SPACE, settings)
    width = size.outputs if size.outputs > 2 else 1
    rounds = min(most_rounds(full, width), expected_rounds(size, full))
    leaves = min(full["leaves"], max(2.0, size.rows / full["min_leaf"]))
    cells, share = float(size.rows) * size.features, full["feature_fraction"]
    a_round = 1e-9 * share * cells * (math.log2(leaves) + 1) / 2 + 1.5e-8 * size.rows
    a_round += 6e-7 * leaves * size.features * share + 5e-5
    memory = 50e6 + 5 * 4 * cells + cells * width / 4 + 24.0 * 255 * size.features * leaves
    return Cost(0.02 + 1.5e-7 * cells + rounds * width * a_round, memory)


def expected_rounds(size: Size, full: Settings) -> float:
    """Rounds run until patience ends: the best round is some constant / learning rate, larger
    for values than for classes, for medians than for means, for thresholds drawn by chance, for
    small trees, and with the rows."""
    best = 12.0 / full["learning_rate"] * (max(size.rows, 100) / 33_000) ** 0.35
    if size.outputs == 1:
        best *= 20.0 if full["objective"] == "l1" else 5.0
    if full["extra_trees"]:
        best *= 3.0
    best *= math.sqrt(max(1.0, 31 / full["leaves"]))
    return float(best + max(full["patience"], 0.3 * best + 20))


CARD = ModelCard(
    name="lightgbm",
    title="gradient boosting (LightGBM)",
    version=1,
    family="boosting",
    tasks=("binary", "multiclass", "regression"),
    view="trees",
    space=SPACE,
    fit_one=fit_one,
    to_onnx=to_onnx,
    cost=cost,
    summary="many small trees, each on the errors of those before it",
    invented="Friedman 2001; LightGBM 2017",
    source="Ke et al. 2017, LightGBM: a highly efficient gradient boosting decision tree",
    assumes="nothing about shapes; new rows within the range of the old ones",
    when="tables with mixed columns, gaps and curved or joint effects: the one to beat",
    when_not="a few dozen rows; trends to be continued beyond what was seen",
    early_stopping=True,
    tolerance=1e-12,
)
