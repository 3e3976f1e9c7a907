"""A category as the smoothed mean of the target among its rows, out of fold in training.

Micci-Barreca, "A preprocessing scheme for high-cardinality categorical attributes" (2001): the
mean of a level, drawn towards the mean of all as if ``smoothing`` rows more had that one. A
training row never sees its own target: its value comes from the other inner folds (contract 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from heldout.core.arrays import Array, Doubles, Ints
from heldout.core.space import Settings
from heldout.primitives.card import Feature, Folds, PrimitiveCard, State, Training
from heldout.primitives.levels import FIRST, encode, encode_onnx, learn

if TYPE_CHECKING:
    from heldout.graph.tape import Tape


def fit(
    columns: Sequence[Array], training: Training, settings: Settings
) -> tuple[State, Array | None]:
    """Tables of means from all training rows, and the out-of-fold values of those rows.

    ``classes`` of the settings is 0 for numbers, else the number of classes: two give the share
    of the second class, more the share of each.
    """
    rows = len(columns[0])
    targets = _targets(training.y, int(settings["classes"]), rows)
    weights = np.ones(rows) if training.weights is None else training.weights
    folds = _covering(training, rows)
    levels, tables, values = [], [], []
    for column in columns:
        kept = learn(column, None, settings["min_count"])
        codes, size = encode(kept, column), FIRST + len(kept)
        known = np.empty((rows, targets.shape[1]), np.float32)
        for train, valid in folds:
            table = _means(codes[train], targets[train], weights[train], size, settings)
            known[valid] = table[codes[valid]]
        levels.append(kept)
        tables.append(_means(codes, targets, weights, size, settings).tolist())
        values.append(known)
    return {"levels": levels, "tables": tables}, np.concatenate(values, axis=1)


def _targets(y: Doubles | None, classes: int, rows: int) -> Doubles:
    """What is averaged: (rows, 1) values or shares of the second class, (rows, classes), or the
    columns of several targets."""
    if y is None:
        return np.zeros((rows, 1))
    if y.ndim == 2:
        return y
    if classes == 0:
        return y[:, None]
    shown = [1] if classes == 2 else range(classes)
    shares: Array = y[:, None] == np.array(shown)
    return shares.astype(np.float64)


def _covering(training: Training, rows: int) -> list[tuple[Ints, Ints]]:
    """The inner folds, with one more for rows that none of them validates; five at random if
    there are none."""
    folds: Folds = training.inner
    if not len(folds):
        fold = training.seed.child("target_mean").rng().permutation(rows) % 5
        folds = [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(5)]
    left = np.ones(rows, bool)
    for _, valid in folds:
        left[valid] = False
    if left.any():
        return [*folds, (np.flatnonzero(~left), np.flatnonzero(left))]
    return list(folds)


def _means(codes: Ints, targets: Doubles, weights: Doubles, size: int, settings: Settings) -> Array:
    """Smoothed means, float32 (size, columns of the target)."""
    count = np.bincount(codes, weights, size)[:, None]
    sums = np.stack([np.bincount(codes, weights * t, size) for t in targets.T], axis=1)
    total = weights.sum()
    prior = (weights @ targets) / total if total > 0 else np.zeros(targets.shape[1])
    smoothing = float(settings["smoothing"])
    means: Array = (sums + smoothing * prior) / (count + smoothing)
    return means.astype(np.float32)


def transform(state: State, columns: Sequence[Array]) -> Array:
    """Texts (n,) each to float32 [n, columns x outputs]."""
    return np.concatenate(
        [
            np.array(table, np.float32)[encode(levels, values)]
            for levels, table, values in zip(state["levels"], state["tables"], columns, strict=True)
        ],
        axis=1,
    )


def to_onnx(state: State, tape: Tape, inputs: Sequence[str]) -> str:
    """The same on a tape."""
    axis = tape.const([1], np.int64)
    parts = []
    for levels, table, name in zip(state["levels"], state["tables"], inputs, strict=True):
        codes = tape.op("Squeeze", encode_onnx(levels, tape, name), axis)
        parts.append(tape.op("Gather", tape.const(table, np.float32), codes, axis=0))
    return tape.concat(parts)


def features(state: State, inputs: Sequence[Feature]) -> list[Feature]:
    """One feature a column and output."""
    made = []
    for f, table in zip(inputs, state["tables"], strict=True):
        width = len(table[0])
        names = [f"{f.name} mean" if width == 1 else f"{f.name} share {k}" for k in range(width)]
        made += [Feature(name, f.origin) for name in names]
    return made


CARD = PrimitiveCard(
    name="target_mean",
    version=1,
    summary="the target's smoothed mean among rows of the same level, out of fold in training",
    reads=("category", "text"),
    fit=fit,
    transform=transform,
    to_onnx=to_onnx,
    features=features,
    defaults={"classes": 0, "smoothing": 10.0, "min_count": 5},
    examples=({}, {"classes": 2, "min_count": 1}, {"classes": 3, "smoothing": 1.0}),
    source="Micci-Barreca 2001",
)
