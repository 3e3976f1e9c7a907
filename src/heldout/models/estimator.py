"""Fit an estimator of a person's own, made anew for every fit so that nothing of a fold stays."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.models.card import FitInput, Fitted
from heldout.models.rows import all_rows
from heldout.primitives.block import Block


def fit(given: FitInput, make: Callable[[], Any]) -> Fitted:
    """With its own ``fit``; weights are passed where it takes them."""
    task, rows, model = given.task, all_rows(given), make()
    y = np.asarray(rows.y, dtype=np.int64 if task.is_classification else np.float64)
    if "random_state" in getattr(model, "get_params", dict)():
        model.set_params(random_state=given.seed.integer())
    weighted = "sample_weight" in inspect.signature(model.fit).parameters
    extra = {"sample_weight": rows.weights} if weighted and rows.weights is not None else {}
    model.fit(rows.x, y, **extra)

    def predict(block: Block) -> Doubles:
        if not task.is_classification:
            return _column(model.predict(block.x))
        full = np.zeros((len(block.x), task.outputs))
        classes = np.asarray(getattr(model, "classes_", np.arange(task.outputs)), dtype=np.int64)
        full[:, classes] = model.predict_proba(block.x)
        return full

    return Fitted({}, predict)


def _column(made: Array) -> Doubles:
    """(rows, 1)"""
    values: Doubles = np.asarray(made, dtype=np.float64).reshape(len(made), -1)
    return values
