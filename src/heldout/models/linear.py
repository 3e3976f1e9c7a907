"""What the linear learners share: state, prediction, piece of graph, price, choice of penalty."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from heldout.core.arrays import Doubles, Ints
from heldout.core.space import Settings
from heldout.models.card import Cost, FitInput, Fitted, Size, State
from heldout.models.descent import Linear, Problem, mean_loss, minimize, start_intercept
from heldout.models.link import probabilities, probabilities_onnx
from heldout.models.rows import Rows, all_rows, parts
from heldout.primitives.block import Block
from heldout.tasks.task import Task

if TYPE_CHECKING:
    from heldout.graph.tape import Tape

WORTH = 1e-3


def fitted(
    model: Linear,
    given: FitInput,
    numbers: Mapping[str, object],
    chosen: Mapping[str, float] | None = None,
) -> Fitted:
    """State and the library's prediction of a linear model."""

    def predict(block: Block) -> Doubles:
        raw = model.raw(block.x)
        return probabilities(raw) if given.task.is_classification else raw

    state = {"coef": model.coef, "intercept": model.intercept}
    told = {**numbers, "features_used": len(used(model.coef))}
    return Fitted(state, predict, stopped=model.stopped, numbers=told, chosen=chosen or {})


def used(coef: Doubles) -> Ints:
    """The features that have a weight: an L1 penalty makes others exactly 0 (PREP-17).

    >>> used(np.array([[0.0, 0.0], [0.0, -1.0]])).tolist()
    [1]
    """
    return np.flatnonzero((coef != 0).any(axis=1))


def to_onnx(
    state: State, _settings: Settings, task: Task, tape: Tape, parts: Mapping[str, str]
) -> str:
    """x @ coef + intercept in double, then sigmoid or softmax; features without a weight leave."""
    x, coef = parts["x"], state["coef"]
    kept = used(coef)
    if 0 < len(kept) < len(coef):
        x, coef = tape.op("Gather", x, tape.const(kept), axis=1), coef[kept]
    raw = tape.op("MatMul", tape.cast(x, "double"), tape.const(coef))
    raw = tape.op("Add", raw, tape.const(state["intercept"]))
    if not task.is_classification:
        return raw
    return probabilities_onnx(tape, raw, len(state["intercept"]))


def classes(task: Task) -> int:
    """Classes, 0 where numbers are predicted."""
    return task.outputs if task.is_classification else 0


def problem(rows: Rows, task: Task) -> Problem:
    """Rows in double, ready to be fitted."""
    return Problem(rows.x.astype(np.float64), rows.y, rows.weights, classes(task))


def penalized(given: FitInput, strengths: Sequence[float], ratio: float) -> tuple[Linear, float]:
    """Fit with the strength that predicts the judging rows best, on all rows; returns it too.

    A strength is the penalty of one row's worth (1 / (C n) in scikit-learn's terms); ``ratio``
    of it is L1. From strong to weak, each fit starts where the last one ended; the path ends
    where a weaker penalty no longer gains ``WORTH`` of the loss: weak ones take longest.
    """
    chosen, warm = strengths[len(strengths) // 2], None
    split = parts(given) if len(strengths) > 1 else None
    if split is not None:
        fit, judge = (problem(rows, given.task) for rows in split)
        warm, best = start_intercept(fit), math.inf
        for strength in strengths:
            tried = _fit(fit, strength, ratio, given, warm, rough=True)
            loss = mean_loss(judge, tried)
            enough = loss > best * (1 - WORTH)
            if loss < best or not math.isfinite(best):
                best, chosen, warm = loss, strength, tried
            if enough or tried.stopped:
                break
        if given.deadline.passed:
            return Linear(warm.coef, warm.intercept, True), chosen
    everything = problem(all_rows(given), given.task)
    return _fit(everything, chosen, ratio, given, warm), chosen


def _fit(
    problem: Problem,
    strength: float,
    ratio: float,
    given: FitInput,
    start: Linear | None,
    *,
    rough: bool = False,
) -> Linear:
    l2, l1 = strength * (1 - ratio), strength * ratio
    begin = start or start_intercept(problem)
    return minimize(problem, l2, l1, given.deadline, begin, rough=rough)


def descent_cost(fits: float) -> Callable[[Size, Settings], Cost]:
    """Price of ``fits`` descents of some 60 steps: two products with x each."""

    def cost(size: Size, _settings: Settings) -> Cost:
        columns = size.outputs if size.outputs > 2 else 1
        cells = float(size.rows) * size.features
        seconds = 0.02 + fits * 60 * (1.2e-9 * cells * columns + 2e-8 * size.rows * columns + 5e-5)
        return Cost(seconds, 2.5 * 8 * cells + 60e6)

    return cost
