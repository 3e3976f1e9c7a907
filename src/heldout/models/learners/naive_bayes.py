"""Gaussian naive Bayes (MODEL-05, X-110)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from heldout.core.arrays import Doubles
from heldout.core.space import Real, Settings, Space
from heldout.models.card import Cost, FitInput, Fitted, ModelCard, Size, State
from heldout.models.link import softmax
from heldout.models.rows import all_rows
from heldout.models.settings import complete
from heldout.primitives.block import Block
from heldout.tasks.task import Task

if TYPE_CHECKING:
    from heldout.graph.tape import Tape

SPACE: Space = {"smoothing": Real(1e-9, 1.0, 0.1, log=True)}


def fit_one(given: FitInput) -> Fitted:
    """Mean and variance of each feature in each class; ``smoothing`` times the largest variance
    is added to all of them."""
    rows = all_rows(given)
    smoothing = float(complete(SPACE, given.settings)["smoothing"])
    codes = rows.y.astype(np.int64)
    x = rows.x.astype(np.float64)
    w = np.ones(len(x)) if rows.weights is None else rows.weights
    floor = smoothing * max(float(x.var(axis=0).max(initial=0.0)), 1e-12)
    k, d = given.task.outputs, x.shape[1]
    mean, variance, weight = np.zeros((k, d)), np.ones((k, d)), np.zeros(k)
    for c in range(k):
        own = codes == c
        weight[c] = w[own].sum()
        if weight[c] > 0:
            mean[c] = np.average(x[own], axis=0, weights=w[own])
            variance[c] = np.average((x[own] - mean[c]) ** 2, axis=0, weights=w[own])
    variance += floor
    prior = np.log((weight + 1e-9) / (weight.sum() + 1e-9 * k))
    constant = prior - 0.5 * np.log(2 * np.pi * variance).sum(axis=1)
    state = {"mean": mean, "precision": 0.5 / variance, "constant": constant}
    return Fitted(state, lambda block: _predict(state, block))


def _predict(state: State, block: Block) -> Doubles:
    x = np.asarray(block.x, dtype=np.float64)
    joint = [
        c - ((x - m) * (x - m)) @ p
        for m, p, c in zip(state["mean"], state["precision"], state["constant"], strict=True)
    ]
    return softmax(np.stack(joint, axis=1))


def to_onnx(
    state: State, _settings: Settings, _task: Task, tape: Tape, parts: Mapping[str, str]
) -> str:
    """log prior - sum of (x - mean)^2 / (2 variance) for each class, then softmax."""
    x = tape.cast(parts["x"], "double")
    joint = []
    for m, p, c in zip(state["mean"], state["precision"], state["constant"], strict=True):
        away = tape.op("Sub", x, tape.const(m))
        square = tape.op("MatMul", tape.op("Mul", away, away), tape.const(p[:, None]))
        joint.append(tape.op("Sub", tape.const(np.array(c)), square))
    return tape.op("Softmax", tape.concat(joint), axis=1)


def cost(size: Size, _settings: Settings) -> Cost:
    """Two passes over the rows."""
    cells = float(size.rows) * size.features
    return Cost(0.01 + 2e-8 * cells, 60e6 + 24 * cells)


CARD = ModelCard(
    name="naive_bayes",
    title="naive Bayes (Gaussian)",
    version=1,
    family="bayes",
    tasks=("binary", "multiclass"),
    view="linear",
    space=SPACE,
    fit_one=fit_one,
    to_onnx=to_onnx,
    cost=cost,
    summary="each feature speaks for the classes on its own; the voices are multiplied",
    invented="Bayes 1763; as a classifier Maron 1961",
    source="Maron 1961, Automatic indexing: an experimental inquiry",
    assumes="features that are independent given the class, and bell-shaped within it",
    when="a handful of rows for each class; a quick second opinion",
    when_not="features that say the same: it counts them twice and is too sure",
    tolerance=1e-9,  # exponents of some thousand: their last digits are not the same
)
