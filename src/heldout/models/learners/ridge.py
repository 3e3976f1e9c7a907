"""Linear regression with an L2 penalty chosen among five."""

from __future__ import annotations

import numpy as np

from heldout.core.arrays import Doubles
from heldout.core.space import Choice, Settings, Space
from heldout.models.card import Cost, FitInput, Fitted, ModelCard, Size
from heldout.models.gram import gather, gram_seconds
from heldout.models.linear import fitted, to_onnx
from heldout.models.rows import Rows, all_rows, parts
from heldout.models.settings import complete

PENALTIES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
SPACE: Space = {"penalty": Choice((None, *PENALTIES), None)}


def fit_one(given: FitInput) -> Fitted:
    """Setting ``penalty`` per row (None: the one of five with the least error on rows that the
    fit does not see)."""
    penalty = complete(SPACE, given.settings)["penalty"]
    split = parts(given) if penalty is None else None
    if penalty is None:
        penalty = PENALTIES[1]
    if split is not None:
        fit, judge = split
        gram = gather(fit, given.deadline)
        errors = [_error(gram.solve(p).raw(judge.x)[:, 0], judge) for p in PENALTIES]
        penalty = PENALTIES[int(np.argmin(errors))]
        if given.deadline.passed:
            return fitted(gram.solve(penalty), given, {"penalty": penalty})
    model = gather(all_rows(given), given.deadline).solve(float(penalty))
    return fitted(model, given, {"penalty": float(penalty)})


def _error(prediction: Doubles, judge: Rows) -> float:
    return float(np.average((prediction - judge.y) ** 2, weights=judge.weights))


def cost(size: Size, _settings: Settings) -> Cost:
    """Two passes over the products."""
    seconds = 2 * gram_seconds(size.rows, size.features)
    return Cost(seconds, 60e6 + 8.0 * (3 * size.features**2 + 3 * 20_000 * size.features))


CARD = ModelCard(
    name="ridge",
    title="ridge regression",
    version=1,
    family="linear",
    tasks=("regression",),
    view="linear",
    space=SPACE,
    fit_one=fit_one,
    to_onnx=to_onnx,
    cost=cost,
    summary="a weighted sum of the features, large weights held back",
    invented="Hoerl and Kennard 1970",
    source="Hoerl and Kennard 1970, Ridge regression: biased estimation for nonorthogonal problems",
    assumes="effects that add up; the mean is what is asked for",
    when="first, always: quick, hard to overfit, easy to read",
    when_not="curved or joint effects, unless you add such columns; targets with a long tail",
    linear=True,
)
