"""What random forest and extra trees share: blocks of trees under a deadline, leaves capped.

scikit-learn's ``fit`` cannot be interrupted: trees are added in blocks (``warm_start``), each
sized by what the trees before it took. Leaves are capped so that all trees together keep the
limit of nodes that a bundle has.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from heldout.core import clock
from heldout.core.arrays import Doubles
from heldout.core.space import Choice, Settings, Space, Whole
from heldout.models.card import Cost, FitInput, Fitted, Size, State
from heldout.models.link import two_columns
from heldout.models.rows import Rows, all_rows
from heldout.models.settings import complete
from heldout.models.trees import Trees, means
from heldout.models.trees_sklearn import read
from heldout.primitives.block import Block
from heldout.tasks.task import Task

if TYPE_CHECKING:
    from heldout.graph.tape import Tape

PATIENCE = 0.5  # seconds that a block of trees may take once the pace is known
SPACE: Space = {
    "trees": Whole(50, 500, 200),
    "nodes": Whole(20_000, 250_000, 150_000, log=True),
    "min_leaf": Whole(1, 20, 2, log=True),
    "max_features": Choice((None, "sqrt", 0.3, 0.5, 0.75, 1.0), None),
}


def fit_one(given: FitInput, classifier: str, regressor: str) -> Fitted:
    """Fit the named class of ``sklearn.ensemble`` on training and inner part."""
    from sklearn import ensemble

    settings = complete(SPACE, given.settings)
    kind = getattr(ensemble, classifier if given.task.is_classification else regressor)
    rows = all_rows(given)
    model = kind(
        n_estimators=1,
        max_leaf_nodes=most_leaves(settings, len(rows), given.share),
        min_samples_leaf=settings["min_leaf"],
        max_features=_features(settings["max_features"], given.task),
        warm_start=True,
        n_jobs=given.threads,
        random_state=given.seed.integer(),
    )
    stopped = _grow(model, rows, int(settings["trees"]), given)
    model.n_jobs = 1  # threads would add up the trees in any order
    return finished(model, model.estimators_, given.task, stopped, len(model.estimators_))


def finished(model: Any, trees: Any, task: Task, stopped: bool, rounds: int) -> Fitted:
    """State and prediction of fitted scikit-learn trees."""
    classes = [int(c) for c in model.classes_] if task.is_classification else None
    made = read(trees, classes, task.outputs)

    def predict(block: Block) -> Doubles:
        with np.errstate(invalid="ignore", over="ignore"):  # its check for infinities adds up x
            if classes is None:
                return np.asarray(model.predict(block.x), dtype=np.float64).reshape(-1, 1)
            full = np.zeros((len(block.x), task.outputs))
            full[:, classes] = model.predict_proba(block.x)
            return full

    return Fitted(made.state(), predict, rounds, stopped, {"tree_nodes": made.nodes})


def target(rows: Rows, task: Task) -> Any:
    """Whole class codes, or values."""
    return rows.y.astype(np.int64) if task.is_classification else rows.y


def _grow(model: Any, rows: Rows, wanted: int, given: FitInput) -> bool:
    """Add trees until ``wanted``; True if the deadline came first (one tree at least)."""
    y = target(rows, given.task)
    x = np.ascontiguousarray(rows.x, dtype=np.float32)
    done, pace = 0, 0.0
    while done < wanted:
        start = clock.now()
        some = 1 if not done else max(1, min(wanted - done, int(PATIENCE / max(pace, 1e-4))))
        model.n_estimators = done + some
        with np.errstate(invalid="ignore", over="ignore"):
            model.fit(x, y, sample_weight=rows.weights)
        pace = (clock.now() - start) / some
        done += some
        if given.deadline.passed or given.deadline.left() < pace:
            return done < wanted
    return False


def most_leaves(settings: Settings, rows: int, share: float = 1.0) -> int | None:
    """Leaves per tree within the limit of nodes, or a ``share`` of it; None where no tree could
    reach it."""
    cap = max(2, int(share * int(settings["nodes"])) // (2 * int(settings["trees"])))
    return None if rows // int(settings["min_leaf"]) <= cap else cap


def _features(asked: str | float | None, task: Task) -> str | float:
    if asked is None:
        return "sqrt" if task.is_classification else 0.5
    return asked


def to_onnx(
    state: State, _settings: Settings, task: Task, tape: Tape, parts: Mapping[str, str]
) -> str:
    """The mean of what the leaves say."""
    mean = means(Trees.from_state(state), tape, tape.cast(parts["x"], "double"))
    return two_columns(tape, mean) if task.outputs == 2 else mean


def forest_cost(per_value: float) -> Callable[[Size, Settings], Cost]:
    """Price: trees * rows * log2(leaves) * features tried * ``per_value`` seconds."""

    def cost(size: Size, settings: Settings) -> Cost:
        full = complete(SPACE, settings)
        asked = full["max_features"]
        tried: float = math.sqrt(size.features) if asked in (None, "sqrt") else 0.0
        if size.outputs == 1 and asked is None:
            tried = 0.5 * size.features
        tried = max(1.0, tried or float(asked or 1) * size.features)
        leaves = most_leaves(full, size.rows) or max(2, size.rows // full["min_leaf"])
        depth = math.log2(leaves) + 1
        seconds = full["trees"] * (size.rows * depth * tried * per_value + 2e-4)
        memory = 120e6 + 8.0 * size.rows * size.features
        memory += full["trees"] * 2.0 * leaves * (64 + 8 * size.outputs)
        return Cost(0.1 + seconds, memory)

    return cost
