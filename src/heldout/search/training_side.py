"""How well a fit does on the rows that it was trained on, and fits that see some columns only."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection

import numpy as np

from heldout.metrics.scoring import score
from heldout.models.card import FitInput, Fitted
from heldout.primitives.block import Block, Part
from heldout.search.prepare import Prepared, take

MOST_ROWS = 10_000


def training_loss(fitted: Fitted, given: FitInput, loss: str) -> float:
    """The loss on the training rows, evenly thinned to 10,000: a metric, so that no penalty of
    the training is in it (X-073)."""
    where = np.arange(0, len(given.y), max(1, -(-len(given.y) // MOST_ROWS)))
    weights = None if given.weights is None else given.weights[where]
    prediction = np.asarray(fitted.predict(take(given.train, where)), dtype=np.float64)
    return score(loss, given.task, given.y[where], prediction, weights=weights).value


def only(prepared: Prepared, columns: Collection[str]) -> Prepared:
    """Blocks in which all features of other columns are constant: nothing can be learned from
    them, and the shapes stay."""
    valid = None if prepared.valid is None else _blank(prepared.valid, columns)
    return dataclasses.replace(
        prepared, training=_blank(prepared.training, columns), valid=valid
    )  # fmt: skip


def _blank(block: Block, columns: Collection[str]) -> Block:
    parts = {name: _blanked(part, columns) for name, part in block.parts.items()}
    return dataclasses.replace(block, parts=parts)


def _blanked(part: Part, columns: Collection[str]) -> Part:
    hidden = [j for j, origin in enumerate(part.origins) if origin not in columns]
    if not hidden or part.values.ndim != 2:
        return part
    values = np.array(part.values)
    values[:, hidden] = 0
    return dataclasses.replace(part, values=values)
