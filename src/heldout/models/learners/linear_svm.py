"""Linear support vector machine (MODEL-04, X-046)."""

from __future__ import annotations

import warnings

import numpy as np

from heldout.core.arrays import Doubles
from heldout.core.space import Real, Settings, Space
from heldout.models.card import Cost, FitInput, Fitted, ModelCard, Size
from heldout.models.descent import Linear, Problem, minimize
from heldout.models.linear import fitted, to_onnx
from heldout.models.rows import Rows, all_rows, parts
from heldout.models.settings import complete

SPACE: Space = {"C": Real(1e-3, 10.0, 0.1, log=True)}
MOST, STEPS = 20_000, 200  # rows, drawn by the seed, and passes over them: it cannot be ended
SHRINK = 0.02  # of the slope from margins to log-odds: two classes may be parted completely


def hinge(margin: Doubles) -> Doubles:
    """The loss max(0, 1 - margin); margin = y * score with y of -1 and 1.

    >>> hinge(np.array([2.0, 0.5, -1.0])).tolist()
    [0.0, 0.5, 2.0]
    """
    return np.maximum(0.0, 1.0 - margin)


def fit_one(given: FitInput) -> Fitted:
    """The widest margin under hinge loss and L2; probabilities are a sigmoid of the margin, its
    slope and shift learned on rows that the machine did not see (Platt)."""
    strength = float(complete(SPACE, given.settings)["C"])
    split = parts(given)
    seen, judge = split or (all_rows(given), all_rows(given))
    machine = _machine(seen, strength, given)
    margin = machine.raw(judge.x)
    curve = minimize(Problem(margin, judge.y, judge.weights, 2), SHRINK, 0.0, given.deadline)
    if split is not None and not given.deadline.passed:
        machine = _machine(all_rows(given), strength, given)
    slope, shift = max(0.0, float(curve.coef[0, 0])), curve.intercept
    numbers = {"mean_hinge": float(hinge((2 * judge.y - 1) * margin[:, 0]).mean())}
    calibrated = Linear(machine.coef * slope, machine.intercept * slope + shift)
    return fitted(calibrated, given, numbers)


def _machine(rows: Rows, strength: float, given: FitInput) -> Linear:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.svm import LinearSVC

    if len(rows) > MOST:
        rows = rows.take(np.sort(given.seed.child("rows").rng().permutation(len(rows))[:MOST]))
    if len(np.unique(rows.y)) < 2:
        return Linear(np.zeros((rows.x.shape[1], 1)), np.array([2.0 * rows.y[0] - 1]))
    model = LinearSVC(
        C=strength, loss="hinge", max_iter=STEPS, random_state=given.seed.integer(), tol=1e-3
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(rows.x.astype(np.float64), rows.y.astype(np.int64), sample_weight=rows.weights)
    return Linear(model.coef_.T.astype(np.float64), np.asarray(model.intercept_, dtype=np.float64))


def cost(size: Size, _settings: Settings) -> Cost:
    """Two fits of up to ``STEPS`` passes."""
    cells = float(min(size.rows, MOST)) * size.features
    return Cost(0.1 + 2 * STEPS * 3e-9 * cells, 100e6 + 24.0 * cells)


CARD = ModelCard(
    name="linear_svm",
    title="linear support vector machine",
    version=1,
    family="linear",
    tasks=("binary",),
    view="linear",
    space=SPACE,
    fit_one=fit_one,
    to_onnx=to_onnx,
    cost=cost,
    summary="the plane that parts two classes with the widest margin",
    invented="Vapnik and Chervonenkis 1963; kernels 1992; soft margin by Cortes and Vapnik 1995",
    source="Cortes and Vapnik 1995, Support-vector networks",
    assumes="classes that a plane nearly parts; scaled features",
    when="many features, classes well apart; only the side of the plane matters",
    when_not="probabilities are wanted: its own score is none, and logistic regression has them",
    linear=True,
)
