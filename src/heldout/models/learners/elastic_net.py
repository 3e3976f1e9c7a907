"""Linear and logistic regression with L1 and L2 penalty: some weights become exactly 0."""

from __future__ import annotations

import numpy as np

from heldout.core.space import Choice, Real, Space
from heldout.models.card import FitInput, Fitted, ModelCard
from heldout.models.descent import Linear
from heldout.models.linear import descent_cost, fitted, penalized, to_onnx
from heldout.models.settings import complete

STRENGTHS = (0.1, 0.03, 1e-2, 1e-3, 1e-4)
SPACE: Space = {
    "l1_ratio": Real(0.05, 1.0, 0.5),
    "strength": Choice((None, *STRENGTHS), None),
}


def fit_one(given: FitInput) -> Fitted:
    """Settings: ``l1_ratio`` (1: lasso, 0: ridge), ``strength`` (None: chosen among five on rows
    that the fit does not see). Values are fitted in units of their standard deviation."""
    import dataclasses

    settings = complete(SPACE, given.settings)
    strength = settings["strength"]
    strengths = STRENGTHS if strength is None else (float(strength),)
    ratio = float(settings["l1_ratio"])
    center, scale = 0.0, 1.0
    inner = given.y_inner
    if not given.task.is_classification:
        center, scale = float(np.mean(given.y)), float(np.std(given.y)) or 1.0
    scaled = dataclasses.replace(
        given,
        y=(given.y - center) / scale,
        y_inner=None if inner is None else (inner - center) / scale,
    )
    model, chosen = penalized(scaled, strengths, ratio)
    used = int((model.coef != 0).any(axis=1).sum())
    model = Linear(model.coef * scale, model.intercept * scale + center, model.stopped)
    return fitted(model, given, {"strength": chosen, "features_used": used}, {"strength": chosen})


CARD = ModelCard(
    name="elastic_net",
    title="elastic net",
    version=1,
    family="linear",
    tasks=("binary", "multiclass", "regression"),
    view="linear",
    space=SPACE,
    fit_one=fit_one,
    to_onnx=to_onnx,
    cost=descent_cost(6.0),
    summary="a weighted sum that leaves out the features it can do without",
    invented="Tibshirani 1996 (L1); Zou and Hastie 2005",
    source="Zou and Hastie 2005, Regularization and variable selection via the elastic net",
    assumes="effects that add up, and only some features that matter",
    when="many columns of which few matter; a short list is wanted",
    when_not="columns that say the same: which of them stays is chance",
    linear=True,
)
