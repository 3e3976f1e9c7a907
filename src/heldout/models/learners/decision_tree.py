"""A single decision tree that can be read (MODEL-06)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from heldout.core.space import Settings, Space, Whole
from heldout.models import forest
from heldout.models.card import Cost, FitInput, Fitted, ModelCard, Size
from heldout.models.rows import all_rows
from heldout.models.settings import complete

SPACE: Space = {
    "leaves": Whole(2, 256, 16, log=True),
    "min_leaf": Whole(1, 200, 20, log=True),
    "max_depth": Whole(1, 20, 6),
}

EXTRA = 2.0  # rows


def fit_one(given: FitInput) -> Fitted:
    """The best splits first (Gini, or squared error), up to ``leaves``."""
    from sklearn import tree

    settings = complete(SPACE, given.settings)
    classifier = given.task.is_classification
    kind = tree.DecisionTreeClassifier if classifier else tree.DecisionTreeRegressor
    rows = all_rows(given)
    model = kind(
        max_leaf_nodes=settings["leaves"],
        max_depth=settings["max_depth"],
        min_samples_leaf=min(settings["min_leaf"], max(1, len(rows) // 20)),
        random_state=given.seed.integer(),
    )
    with np.errstate(invalid="ignore", over="ignore"):  # its check for infinities adds up x
        model.fit(rows.x, forest.target(rows, given.task), sample_weight=rows.weights)
    if classifier:
        _smooth(model.tree_)
    return forest.finished(model, [model], given.task, stopped=False, rounds=0)


def _smooth(tree: Any) -> None:
    """Every leaf as if two more rows had come, shared as the classes are at the root (Cestnik
    1990): a leaf of one class would else call the others impossible."""
    rows = tree.weighted_n_node_samples[:, None, None]
    tree.value[:] = (rows * tree.value + EXTRA * tree.value[:1]) / (rows + EXTRA)


def cost(size: Size, settings: Settings) -> Cost:
    """One sort of every feature for each level."""
    full = complete(SPACE, settings)
    depth = min(math.log2(full["leaves"]) + 1, full["max_depth"])
    seconds = 0.1 + size.rows * size.features * depth * 2e-8
    return Cost(seconds, 120e6 + 8.0 * size.rows * size.features)


CARD = ModelCard(
    name="decision_tree",
    title="decision tree",
    version=1,
    family="tree",
    tasks=("binary", "multiclass", "regression"),
    view="trees",
    space=SPACE,
    fit_one=fit_one,
    to_onnx=forest.to_onnx,
    cost=cost,
    summary="a flowchart of yes and no questions",
    invented="Breiman, Friedman, Olshen and Stone 1984",
    source="Breiman, Friedman, Olshen and Stone 1984, Classification and regression trees",
    assumes="that a few thresholds tell most of it",
    when="people must follow every answer; as a check of what larger models add",
    when_not="the best score is wanted; a few other rows can change the whole tree",
)
