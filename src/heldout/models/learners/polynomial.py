"""Polynomial regression, its degree tuned (MODEL-02)."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations_with_replacement
from math import comb
from typing import TYPE_CHECKING

import numpy as np

from heldout.core.arrays import Array, Doubles, Ints
from heldout.core.space import Choice, Settings, Space
from heldout.models.card import Cost, FitInput, Fitted, ModelCard, Size, State
from heldout.models.descent import Linear
from heldout.models.gram import gather, gram_seconds
from heldout.models.rows import Rows, all_rows, parts
from heldout.models.settings import complete
from heldout.primitives.block import Block
from heldout.tasks.task import Task

if TYPE_CHECKING:
    from heldout.graph.tape import Tape

DEGREES = (1, 2, 3)
PENALTIES = (1e-4, 1e-2, 1.0)
MOST_TERMS = 600  # products beside the features themselves: their cube is the price
SPACE: Space = {
    "degree": Choice((None, *DEGREES), None),
    "penalty": Choice((None, *PENALTIES), None),
}


def fit_one(given: FitInput) -> Fitted:
    """Least squares with an L2 penalty on products of up to ``degree`` of the features that go
    along with the target most. What is None is chosen by the error on rows that were not fitted:
    the smallest degree among equals."""
    settings = complete(SPACE, given.settings)
    degrees = DEGREES if settings["degree"] is None else (int(settings["degree"]),)
    penalties = PENALTIES if settings["penalty"] is None else (float(settings["penalty"]),)
    rows = all_rows(given)
    order = _by_promise(rows)
    degree, penalty = degrees[0], penalties[len(penalties) // 2]
    split = parts(given) if len(degrees) * len(penalties) > 1 else None
    best = np.inf
    for tried in degrees if split is not None else ():
        if given.deadline.passed:
            break
        fit, judge = (_expanded(r, _powers(order, tried)) for r in split or ())
        gram = gather(fit, given.deadline)
        for strength in penalties:
            error = _error(gram.solve(strength).raw(judge.x)[:, 0], judge)
            if error < best * (1 - 1e-3):
                best, degree, penalty = error, tried, strength
    powers = _powers(order, degree)
    model = gather(_expanded(rows, powers), given.deadline).solve(penalty)
    state = {"coef": model.coef, "intercept": model.intercept, "powers": powers}
    return Fitted(
        state,
        lambda block: _predict(state, block),
        stopped=model.stopped,
        numbers={"degree": degree, "penalty": penalty, "terms": len(model.coef)},
    )


def _by_promise(rows: Rows) -> Ints:
    """Features, those that correlate with the target most first."""
    x = rows.x.astype(np.float64)
    x = x - x.mean(axis=0)
    y = rows.y - rows.y.mean()
    spread = np.sqrt((x * x).sum(axis=0) * max(float(y @ y), 1e-300))
    along = np.abs(x.T @ y) / np.maximum(spread, 1e-300)
    return np.argsort(-along, kind="stable")


def _powers(order: Ints, degree: int) -> Ints:
    """int64 [terms, degree]: the features of each product, -1 where it has fewer factors."""
    terms: list[tuple[int, ...]] = []
    for d in range(2, degree + 1):
        room = MOST_TERMS // (degree - 1)
        width = max((k for k in range(1, len(order) + 1) if comb(k + d - 1, d) <= room), default=0)
        terms += combinations_with_replacement(sorted(order[:width].tolist()), d)
    padded = [(*t, *[-1] * (degree - len(t))) for t in terms]
    return np.array(padded, dtype=np.int64).reshape(len(padded), max(degree, 1))


def _expand(x: Array, powers: Ints) -> Doubles:
    """float64 [n, d + terms]: the features, then their products, factor by factor."""
    x = np.asarray(x, dtype=np.float64)
    wide = np.column_stack([x, np.ones(len(x))])
    made = wide[:, powers[:, 0]]
    for j in range(1, powers.shape[1]):
        made = made * wide[:, powers[:, j]]
    return np.column_stack([x, made])


def _expanded(rows: Rows, powers: Ints) -> Rows:
    return Rows(_expand(rows.x, powers), rows.y, rows.weights)


def _predict(state: State, block: Block) -> Doubles:
    return Linear(state["coef"], state["intercept"]).raw(_expand(block.x, state["powers"]))


def to_onnx(
    state: State, _settings: Settings, _task: Task, tape: Tape, parts: Mapping[str, str]
) -> str:
    """Factors gathered and multiplied in double, then a weighted sum."""
    x = tape.cast(parts["x"], "double")
    powers = state["powers"]
    if len(powers):
        one = tape.op("Slice", x, *(tape.const([v], np.int64) for v in (0, 1, 1)))
        one = tape.op(
            "Add", tape.op("Mul", one, tape.const(np.float64(0))), tape.const(np.float64(1))
        )
        wide = tape.concat([x, one])
        last = len(state["coef"]) - len(powers)
        factors = np.where(powers < 0, last, powers)
        made = tape.op("Gather", wide, tape.const(factors[:, 0]), axis=1)
        for j in range(1, powers.shape[1]):
            made = tape.op("Mul", made, tape.op("Gather", wide, tape.const(factors[:, j]), axis=1))
        x = tape.concat([x, made])
    raw = tape.op("MatMul", x, tape.const(state["coef"]))
    return tape.op("Add", raw, tape.const(state["intercept"]))


def _error(prediction: Doubles, judge: Rows) -> float:
    return float(np.average((prediction - judge.y) ** 2, weights=judge.weights))


def cost(size: Size, _settings: Settings) -> Cost:
    """Products of all terms with each other, for each degree and once more."""
    width = size.features + min(MOST_TERMS, comb(size.features + 1, 2))
    return Cost(
        3 * gram_seconds(size.rows, width), 60e6 + 8.0 * (3 * width**2 + 2 * size.rows * width)
    )


CARD = ModelCard(
    name="polynomial",
    title="polynomial regression",
    version=1,
    family="linear",
    tasks=("regression",),
    view="linear",
    space=SPACE,
    fit_one=fit_one,
    to_onnx=to_onnx,
    cost=cost,
    summary="a weighted sum of the features, their powers and products",
    invented="Gergonne 1815; least squares by Legendre 1805",
    source="Stigler 1974, Gergonne's 1815 paper on the design and analysis of polynomial regression experiments",
    assumes="a smooth curve; scaled features, clipped where they are far out",
    when="few numbers whose effects bend or act together; smooth laws of physics",
    when_not="many columns, jumps, or values beyond those of training: powers run away",
    tolerance=1e-11,  # sums of a thousand products
)
