"""Logistic regression, binary and multinomial, with L1, L2 or elastic net (MODEL-03)."""

from __future__ import annotations

from heldout.core.space import Choice, Real, Space
from heldout.models.card import FitInput, Fitted, ModelCard
from heldout.models.linear import descent_cost, fitted, penalized, to_onnx
from heldout.models.settings import complete

STRENGTHS = (0.1, 1e-2, 1e-3, 1e-4, 1e-5)
RATIO = {"l2": 0.0, "l1": 1.0, "elastic": None}
SPACE: Space = {
    "penalty": Choice(("l2", "l1", "elastic"), "l2"),
    "strength": Choice((None, *STRENGTHS), None),
    "l1_ratio": Real(0.05, 0.95, 0.5),
}


def fit_one(given: FitInput) -> Fitted:
    """Settings: ``penalty`` (l2, l1, elastic), ``strength`` (None: chosen among five on rows that
    the fit does not see), ``l1_ratio`` (elastic only)."""
    settings = complete(SPACE, given.settings)
    ratio = RATIO[settings["penalty"]]
    if ratio is None:
        ratio = float(settings["l1_ratio"])
    strength = settings["strength"]
    strengths = STRENGTHS if strength is None else (float(strength),)
    model, chosen = penalized(given, strengths, ratio)
    used = int((model.coef != 0).any(axis=1).sum())
    return fitted(model, given, {"strength": chosen, "features_used": used}, {"strength": chosen})


CARD = ModelCard(
    name="logistic",
    title="logistic regression",
    version=1,
    family="linear",
    tasks=("binary", "multiclass"),
    view="linear",
    space=SPACE,
    fit_one=fit_one,
    to_onnx=to_onnx,
    cost=descent_cost(3.0),
    summary="log-odds as a weighted sum of the features",
    invented="curve Verhulst 1838, logit Berkson 1944, binary regression Cox 1958",
    source="Cox 1958, The regression analysis of binary sequences",
    assumes="log-odds that add up over features",
    when="first, always: quick, calibrated by construction where unpenalized, easy to read",
    when_not="features that matter only together, or along curves, unless you add such columns",
    linear=True,
)
