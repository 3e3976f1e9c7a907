"""Step 4, beat a trivial baseline: the null models of the task and the best single column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heldout.core.arrays import Doubles
from heldout.metrics.score import Score
from heldout.metrics.scoring import score
from heldout.tasks import null
from heldout.workflow.context import Context
from heldout.workflow.define import Defined
from heldout.workflow.protocol import Protocol


@dataclass(frozen=True)
class Baseline:
    """The best null model, its out-of-fold prediction (samples, outputs), and the best column."""

    name: str
    prediction: Doubles
    score: Score
    column: str | None
    column_value: float | None


def baseline(
    defined: Defined, plan: Protocol, columns: dict[str, float], context: Context
) -> Baseline:
    """Score every null model out of fold; ``columns`` are single-column scores from the audit."""
    task, y = defined.task, defined.y
    rows = []
    best: tuple[str, Doubles, Score] | None = None
    opened = plan.plan.open
    for name in task.card.null_models:
        predicted = np.full((len(y), task.outputs), np.nan)
        for fold in plan.plan.folds:
            predicted[fold.valid] = null.predict(name, task, y[fold.training], len(fold.valid))
        scored = opened[~np.isnan(predicted[opened, 0])]
        value = score(task.metric, task, y[scored], predicted[scored])
        rows.append({"name": name, "value": value.value})
        sign = 1 if task.greater_is_better else -1
        if best is None or sign * value.value > sign * best[2].value:
            best = (name, predicted, value)
    assert best is not None
    pick = max if task.greater_is_better else min
    column = pick(columns, key=lambda c: columns[c]) if columns else None
    context.write(
        "baseline",
        f"{best[0]}: {best[2].value:.4g}",
        "a model must beat the best trivial predictor beyond noise, or the answer is no signal",
        numbers={
            "nulls": rows,
            "best_null": {"name": best[0], "value": best[2].value},
            "best_column": {"name": column, "value": columns[column]} if column else None,
            "metric": task.metric,
        },
    )
    return Baseline(*best, column, columns[column] if column else None)
