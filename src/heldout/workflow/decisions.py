"""What the decisions do and where they fail: out of fold, on open rows only (joints 16).

Every entry of the journal about decisions is written here (docs/design.md names their fields).
When the time is short, subgroups are sought on fewer rows and by single columns (``whole``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from heldout.core.arrays import Array, Doubles, Ints
from heldout.core.clock import Deadline, now
from heldout.core.names import plural
from heldout.explain import slices
from heldout.metrics.curves import curves
from heldout.metrics.mistakes import mistakes
from heldout.metrics.residuals import residuals
from heldout.metrics.scoring import Cut, decide, score
from heldout.tables.table import Table
from heldout.tasks.task import Task
from heldout.workflow.context import Context
from heldout.workflow.examples import example, loss
from heldout.workflow.reliable import reliability
from heldout.workflow.tune import Tuned
from heldout.workflow.verdict import MOST_CLASSES, Verdict

MOST_ROWS = 20_000  # on which subgroups are sought
EXAMPLES = 3
SHARE = 0.4  # of the time that is left may go into subgroups
SHORT = 0.4  # seconds: with less left, fewer rows and single columns only
FEW_ROWS = 5_000


@dataclass(frozen=True)
class Answered:
    """Open rows with their out-of-fold answers: ``rows`` (n,) numbers in ``table``, ``y`` (n,),
    ``p`` (n, outputs) calibrated by the other folds; ``groups`` (n,) or None."""

    task: Task
    table: Table
    rows: Ints
    y: Doubles
    p: Doubles
    groups: Array | None
    threshold: Cut


def answered(tuned: Tuned, table: Table, task: Task, y: Doubles) -> Answered:
    """The rows that every chosen model answered out of fold."""
    rows = tuned.rows
    groups = None if tuned.groups is None else tuned.groups[rows]
    at = tuned.threshold.value if tuned.threshold else None
    return Answered(task, table, rows, y[rows], tuned.calibrated[rows], groups, at)


def decisions(open_: Answered, verdict: Verdict, deadline: Deadline, context: Context) -> None:
    """Curves, reliability, mistakes, residuals; worst subgroups while there is time."""
    task, y, p = open_.task, open_.y, open_.p
    if task.parts:
        _slices(open_, deadline, context)
        return
    if task.is_classification:
        _reliability(open_, verdict, context)
        if task.outputs <= MOST_CLASSES:
            _mistakes(open_, context)
    else:
        found = residuals(y, p[:, 0])
        if found:
            context.write(
                "residuals",
                f"mean {found['mean']:.4g}, standard deviation {found['sd']:.4g}",
                "truth minus prediction, out of fold",
                numbers=found,
            )
    if task.kind == "binary" and isinstance(open_.threshold, float):
        made = curves(task, y, p, open_.threshold)
        if made:
            context.write(
                "curves",
                "what other thresholds would do",
                "out of fold, on open rows",
                numbers=made,
                overrule="--threshold, --cost, --capacity",
            )
    _slices(open_, deadline, context)


def _reliability(open_: Answered, verdict: Verdict, context: Context) -> None:
    """Of the sealed rows as the opening returned them; out of fold beside."""
    own = reliability(open_.task, open_.y, open_.p, groups=open_.groups)
    judged = dict(verdict.reliability) or own
    numbers: dict[str, Any] = {**judged, "sealed": verdict.sealed and judged is not own}
    numbers["open"] = own
    context.write("reliability", "reliability curve", numbers=numbers)


def _mistakes(open_: Answered, context: Context) -> None:
    decision = decide(open_.p, open_.task, open_.threshold)
    assert decision is not None
    found = mistakes(open_.y, decision, open_.task.classes)
    wrong = sum(m["rows"] for m in found["mistakes"])
    first = found["mistakes"][0] if found["mistakes"] else None
    words = f"{first['truth']} taken for {first['decided']} most often" if first else "no mistake"
    context.write(
        "confusion",
        words,
        f"{plural(wrong, 'mistake')} of {plural(found['samples'], 'row')}, out of fold",
        numbers=found,
    )


def _slices(open_: Answered, deadline: Deadline, context: Context) -> None:
    """The worst subgroups of one or two columns, with their score and a few of their rows."""
    rows, most = np.arange(len(open_.rows)), MOST_ROWS if deadline.left() > SHORT else FEW_ROWS
    if len(rows) > most:
        rng = context.seed.child("slices").rng()
        rows = np.sort(rng.choice(rows, most, replace=False))
    lost = loss(open_.y[rows], open_.p[rows], open_.task)
    table = open_.table
    names = [c.name for c in table.schema.inputs if c.kind not in ("text", "image")]
    columns = table.take(open_.rows[rows]).arrays(names)
    until = deadline if deadline.at == float("inf") else Deadline(now() + SHARE * deadline.left())
    unit = None if open_.groups is None else open_.groups[rows]
    found = slices.search(columns, lost, table.schema, groups=unit, deadline=until)
    every = score(open_.task.metric, open_.task, open_.y, open_.p, threshold=open_.threshold)
    told = [_slice(one, found.level, open_, rows, lost, context) for one in found.slices]
    context.write(
        "slices",
        told[0]["words"] if told else "none",
        "subgroups that are answered worse than the other rows, beyond chance, out of fold",
        numbers={
            "metric": open_.task.metric,
            "score": every.value,
            "samples": len(rows),
            "looked_at": found.looked_at,
            "level": found.level,
            "whole": found.whole,
            "loss": "log loss" if open_.task.is_likely else "absolute error",
            "found": told,
        },
        overrule="--no-rows leaves the example rows out",
    )


def _slice(
    one: slices.Slice,
    level: float,
    open_: Answered,
    rows: Ints,
    lost: Doubles,
    context: Context,
) -> dict[str, Any]:
    inside = rows[one.rows]
    task = open_.task
    scores = {}
    for name, these, wide in (("score", inside, level), ("rest", rows[~one.rows], 0.95)):
        unit = None if open_.groups is None else open_.groups[these]
        found = score(
            task.metric,
            task,
            open_.y[these],
            open_.p[these],
            threshold=open_.threshold,
            groups=unit,
            level=wide,
        )
        scores[name] = {"value": found.value, "low": found.low, "high": found.high}
    worst = np.flatnonzero(one.rows)[np.argsort(-lost[one.rows], kind="stable")[:EXAMPLES]]
    told: dict[str, Any] = {
        "words": one.words,
        "where": [p.as_dict() for p in one.parts],
        "samples": len(inside),
        "share": len(inside) / len(rows),
        **scores,
        "loss": one.loss,
        "rest_loss": one.rest,
        "expected_loss": _expected(open_, inside),
        "ratio": one.ratio,
        "effect": one.effect,
        "p": one.p,
        "rows": len(inside),
    }
    if context.spec.rows:
        told["examples"] = [
            example(
                open_.table,
                int(open_.rows[rows[i]]),
                open_.y[rows[i]],
                open_.p[rows[i]],
                task,
            )
            for i in worst
        ]
    return told


def _expected(open_: Answered, inside: Ints) -> float | None:
    """The log loss that the probabilities themselves promise there: near the real one the model
    is unsure and says so; far below it, it is surer than it should be."""
    if not open_.task.is_classification:
        return None
    p = np.clip(open_.p[inside], 1e-15, 1.0)
    return float(-(p * np.log(p)).sum(axis=1).mean())
