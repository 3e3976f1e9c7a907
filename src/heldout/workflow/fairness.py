"""``--fairness COLUMN``: the decisions group by group, out of fold on open rows."""

from __future__ import annotations

from typing import Any

import polars as pl

from heldout.core.names import quoted
from heldout.metrics.fairness import by_group
from heldout.tables import read, unnamed
from heldout.workflow.context import Context
from heldout.workflow.decisions import Answered

IMPOSSIBLE = (
    "Where groups differ in how often the outcome is true, no model that errs can be equally right "
    "when it flags, find the same share, and alarm falsely as often in every group. Which of these "
    "should be equal is for people to decide; leaving the column out does not make them so."
)


def fairness(open_: Answered, context: Context) -> None:
    """Every named column: rates, scores and calibration by group, differences that are certain."""
    if not context.spec.fairness:
        return
    told: list[dict[str, Any]] = []
    for said in context.spec.fairness:
        name = read.find_column(open_.table.schema, said)
        values = unnamed.column(open_.table.frame, name)[open_.rows]
        if values.dtype.is_numeric() and values.n_unique() > 12:
            values = values.qcut(4, allow_duplicates=True).cast(pl.String)
        labels = values.cast(pl.String).fill_null("(missing)").to_list()
        found = by_group(
            open_.task,
            open_.y,
            open_.p,
            labels,
            metric=open_.task.metric,
            threshold=open_.threshold if isinstance(open_.threshold, float) else None,
            groups=open_.groups,
        )
        told.append({"column": name, **found})
    sure = [words for column in told for words in column["words"]]
    context.write(
        "fairness",
        f"{len(sure)} certain differences" if sure else "no certain difference",
        "out of fold; differences counted over all pairs of groups and all rates",
        numbers={"columns": told, "words": IMPOSSIBLE},
        overrule=f"--fairness {quoted(','.join(context.spec.fairness))}",
    )
