"""The perceptron: the first machine that learned, and what it cannot (MODEL-10)."""

from __future__ import annotations

import numpy as np

from heldout.core.space import Settings, Space, Whole
from heldout.models.card import Cost, FitInput, Fitted, ModelCard, Size
from heldout.models.descent import Linear, Problem, minimize
from heldout.models.linear import fitted, to_onnx
from heldout.models.rows import all_rows
from heldout.models.settings import complete

SPACE: Space = {"epochs": Whole(1, 100, 20)}
SHRINK = 0.02  # of the slope from sums to log-odds: two classes may be parted completely


def fit_one(given: FitInput) -> Fitted:
    """Each row on the wrong side of the plane pulls it by itself; it ends after an epoch without
    a mistake, which comes if a plane parts the classes, and else never. Of the planes between the
    one with the fewest mistakes is kept ("pocket"). Probabilities are a sigmoid of the sums."""
    rows = all_rows(given)
    x = np.column_stack([rows.x.astype(np.float64), np.ones(len(rows))])
    side = np.where(rows.y == 1, 1.0, -1.0)
    w = best = np.zeros(x.shape[1])
    fewest, epochs, rng = len(rows) + 1, 0, given.seed.child("order").rng()
    for _ in range(int(complete(SPACE, given.settings)["epochs"])):
        for i in rng.permutation(len(rows)):
            if side[i] * (x[i] @ w) <= 0:
                w = w + side[i] * x[i]
        epochs += 1
        mistakes = int((side * (x @ w) <= 0).sum())
        if mistakes < fewest:
            best, fewest = w, mistakes
        if not fewest or given.deadline.passed:
            break
    plane = Linear(best[:-1, None], best[-1:], bool(fewest) and given.deadline.passed)
    sums = plane.raw(rows.x)
    curve = minimize(Problem(sums, rows.y, rows.weights, 2), SHRINK, 0.0, given.deadline)
    slope, shift = max(0.0, float(curve.coef[0, 0])), curve.intercept
    made = Linear(plane.coef * slope, plane.intercept * slope + shift, plane.stopped)
    return fitted(made, given, {"mistakes": fewest, "epochs": epochs})


def cost(size: Size, settings: Settings) -> Cost:
    """A step in Python for each row of each epoch."""
    epochs = int({"epochs": 20, **settings}["epochs"])
    return Cost(0.05 + 2e-6 * epochs * size.rows, 60e6 + 16.0 * size.rows * size.features)


CARD = ModelCard(
    name="perceptron",
    title="perceptron",
    version=1,
    family="linear",
    tasks=("binary",),
    view="linear",
    space=SPACE,
    fit_one=fit_one,
    to_onnx=to_onnx,
    cost=cost,
    summary="a plane, moved by every row on its wrong side",
    invented="Rosenblatt 1958; its limits Minsky and Papert 1969",
    source="Rosenblatt 1958, The perceptron; Gallant 1990 for the pocket",
    assumes="a plane parts the two classes",
    when="to see how learning began",
    when_not="for anything else: logistic regression is as quick, and ends where no plane parts",
    linear=True,
)
