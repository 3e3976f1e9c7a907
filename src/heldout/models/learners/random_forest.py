"""Random forest (MODEL-07)."""

from __future__ import annotations

from heldout.models import forest
from heldout.models.card import FitInput, Fitted, ModelCard


def fit_one(given: FitInput) -> Fitted:
    """Trees on bootstrap samples, the best split of some features at each node."""
    return forest.fit_one(given, "RandomForestClassifier", "RandomForestRegressor")


CARD = ModelCard(
    name="random_forest",
    title="random forest",
    version=1,
    family="forest",
    tasks=("binary", "multiclass", "regression"),
    view="trees",
    space=forest.SPACE,
    fit_one=fit_one,
    to_onnx=forest.to_onnx,
    cost=forest.forest_cost(1.5e-8),
    summary="the mean of many deep trees, each on its own draw of the rows",
    invented="Ho 1995; Breiman 2001",
    source="Breiman 2001, Random forests",
    assumes="nothing about shapes; new rows within the range of the old ones",
    when="little tuning wanted, noisy targets, some thousand rows",
    when_not="small bundles: its trees are large; smooth or linear effects",
)
