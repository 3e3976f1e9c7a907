"""Extremely randomized trees."""

from __future__ import annotations

from heldout.models import forest
from heldout.models.card import FitInput, Fitted, ModelCard


def fit_one(given: FitInput) -> Fitted:
    """Trees on all rows, thresholds drawn at random and the best of some features taken."""
    return forest.fit_one(given, "ExtraTreesClassifier", "ExtraTreesRegressor")


CARD = ModelCard(
    name="extra_trees",
    title="extra trees",
    version=1,
    family="forest",
    tasks=("binary", "multiclass", "regression"),
    view="trees",
    space=forest.SPACE,
    fit_one=fit_one,
    to_onnx=forest.to_onnx,
    cost=forest.forest_cost(8e-9),
    summary="a random forest whose thresholds are drawn by chance: smoother and faster",
    invented="Geurts, Ernst and Wehenkel 2006",
    source="Geurts, Ernst and Wehenkel 2006, Extremely randomized trees",
    assumes="nothing about shapes; new rows within the range of the old ones",
    when="beside gradient boosting in an ensemble; noisy numbers",
    when_not="small bundles; many useless columns",
)
