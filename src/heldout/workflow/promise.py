"""``--conformal 0.9``: intervals or sets with a promised coverage, and what they really cover."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from heldout.core.arrays import Array, Bools, Doubles, Ints
from heldout.metrics.mistakes import rate
from heldout.models import conformal
from heldout.tasks.task import Task
from heldout.workflow.context import Context


def promise(
    p: Doubles,
    y: Doubles,
    folds: Ints,
    task: Task,
    context: Context,
    method: str = "cross-conformal",
) -> dict[str, Any] | None:
    """The state for the graph from out-of-fold answers ``p`` (samples, outputs); None where it
    was not asked for, or cannot be promised. ``folds`` (samples,) numbers of folds, each answered
    by models of the others; of any parts where ``method`` is "split-conformal"."""
    level = context.spec.conformal
    if level is None:
        return None
    state = conformal.fit(p, y, task, level)
    if state is None:
        few = conformal.fewest(level, task)
        context.write(
            "conformal",
            "none",
            f"{len(y)} rows are too few to promise {100 * level:g} %: {few} are needed",
            numbers={"level": level},
        )
        return None
    hit = np.zeros(y.shape, dtype=bool)
    done = np.zeros(len(y), dtype=bool)
    for fold in np.unique(folds):
        here = folds == fold
        other = conformal.fit(p[~here], y[~here], task, level)
        if other is not None:
            hit[here] = conformal.covered(other, p[here], y[here], task)
            done |= here
    numbers = {
        "level": level,
        "method": method,
        "calibrated_on": len(y),
        "spread": math.sqrt(level * (1 - level) / (len(y) + 2)),
        "coverage": _coverage(hit[done], sealed=False),
        **_size(state, p, y, hit, done, task),
    }
    context.write(
        "conformal",
        f"{100 * level:g} %: {'sets of classes' if task.is_classification else 'intervals'}",
        "from answers out of fold; on average over rows like these, not for every subgroup",
        numbers=numbers,
        overrule="--conformal",
    )
    return state


def coverage(outputs: dict[str, Array], y: Doubles) -> dict[str, Any] | None:
    """What a bundle's own intervals or sets covered of rows that it had not seen: one rate with its
    interval, of several targets ``each``; None where it has none."""
    if "prediction_set" in outputs:
        inside = outputs["prediction_set"][np.arange(len(y)), y.astype(np.int64)] == 1
    elif "lower" in outputs:
        low, high = (outputs[end].reshape(y.shape) for end in ("lower", "upper"))
        inside = (low <= y) & (y <= high)
    else:
        return None
    return _coverage(np.asarray(inside, dtype=bool), sealed=True)


def sealed_coverage(outputs: dict[str, Array], y: Doubles, context: Context) -> None:
    """Enter what the bundle's own intervals or sets covered of the sealed rows."""
    found = coverage(outputs, y)
    if found is None:
        return
    before = [e.numbers for e in context.journal.entries() if e.step == "conformal"]
    numbers = {**(dict(before[-1]) if before else {}), "coverage": found}
    numbers["open"] = before[-1].get("coverage") if before else None
    numbers.pop("at", None)
    context.write(
        "conformal",
        f"{100 * float(found['value'] or 0):.1f} % of the sealed "
        f"{'answers' if 'each' in found else 'rows'} are inside",
        "counted once, by the opening",
        numbers=numbers,
    )


def _coverage(hit: Bools, *, sealed: bool) -> dict[str, Any]:
    if hit.ndim == 1:
        return {**rate(int(hit.sum()), len(hit)), "samples": len(hit), "sealed": sealed}
    told = {"value": float(hit.mean()), "low": None, "high": None}  # targets of a row go together
    each = [_coverage(column, sealed=sealed) for column in hit.T]
    return {**told, "samples": len(hit), "sealed": sealed, "each": each}


def _size(
    state: dict[str, Any], p: Doubles, y: Doubles, hit: Bools, done: Bools, task: Task
) -> dict[str, Any]:
    """How much the promise costs: the width of intervals, the labels in a set."""
    if task.parts:
        each = [
            {"target": part.target, **_size(own, p[:, [j]], y[:, j], hit[:, j], done, part)}
            for j, (part, own) in enumerate(zip(task.parts, state["targets"], strict=True))
        ]
        return {"each": each}
    if not task.is_classification:
        lower, upper = conformal.band(state, p)
        return {
            "below": state["below"],
            "above": state["above"],
            "scale": {"answer": state["x"], "size": state["scale"]},
            "width": float(np.mean(upper - lower)),
        }
    inside = conformal.members(state, p).sum(axis=1)
    by_class = {}
    for code, name in enumerate(task.classes):
        these = done & (y == code)
        by_class[name] = _coverage(hit[these], sealed=False)
    return {
        "thresholds": dict(zip(task.classes, state["thresholds"], strict=True)),
        "size": float(inside.mean()),
        "single": float((inside == 1).mean()),
        "by_class": by_class,
    }
