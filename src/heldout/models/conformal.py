"""Intervals and sets with a promised coverage, from out-of-fold predictions (cross-conformal).

Values: the signed residuals, divided by how large they are at answers of this size, give what is
subtracted and added so that a row lies below or above in half of 1 - level each. Classes: a class
belongs to the set where its probability reaches the one that rows of that class reach in ``level``
of the cases; each class has its own limit where it has 100 rows, the rarer ones have one together
(where that holds too few rows to promise, they belong to every set). The promise
holds on average over rows like these, not for every subgroup, and not once the data drift.

Sources: Vovk, Gammerman and Shafer 2005; Lei et al. 2018 (scaled residuals); Sadinle, Lei and
Wasserman 2019 (smallest sets, by class); Barber et al. 2021 (residuals out of fold).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from heldout.core.arrays import Array, Bools, Doubles
from heldout.tasks.task import Task

if TYPE_CHECKING:
    from heldout.graph.tape import Tape

OWN_LIMIT = 100  # rows of a class that has a limit of its own
KNOT_ROWS, KNOTS = 100, 16
NARROWER = 0.98  # scaled intervals must be this much narrower than plain ones

State = Mapping[str, Any]


def fewest(level: float, task: Task) -> int:
    """Rows below which no limit can be promised.

    >>> from heldout.tasks.task import Task
    >>> fewest(0.9, Task("regression", "y", "mae", False))
    19
    """
    tail = (1 - level) if task.is_classification else (1 - level) / 2
    return math.ceil(round(1 / tail, 9)) - 1


def fit(p: Doubles, y: Doubles, task: Task, level: float) -> dict[str, Any] | None:
    """The state from out-of-fold predictions ``p`` (samples, outputs) and truths ``y``; None where
    there are too few rows. JSON-able. Of several numbers ``targets``, the state of each."""
    if len(y) < fewest(level, task):
        return None
    if task.parts:
        parts = enumerate(task.parts)
        return {"targets": [fit(p[:, [j]], y[:, j], part, level) for j, part in parts]}
    if task.is_classification:
        return {"thresholds": _limits(p, y.astype(np.int64), task, level)}
    plain = _band(p[:, 0], y, level, scaled=False)
    scaled = _band(p[:, 0], y, level, scaled=True)
    width = [np.mean(upper - lower) for lower, upper in (band(s, p) for s in (plain, scaled))]
    return scaled if width[1] < NARROWER * width[0] else plain


def _limits(p: Doubles, y: Array, task: Task, level: float) -> list[float]:
    """The probability that a class must reach, by class."""
    own = p[np.arange(len(y)), y]
    count = np.bincount(y, minlength=task.outputs)
    rare = _low_quantile(own[count[y] < OWN_LIMIT], 1 - level)
    limits = [
        _low_quantile(own[y == code], 1 - level) if count[code] >= OWN_LIMIT else rare
        for code in range(task.outputs)
    ]
    return [float(_in_gap(t, own)) for t in limits]


def _low_quantile(values: Doubles, tail: float) -> float:
    """The value with at most ``tail`` of the n + 1 equally likely places below it."""
    k = math.floor(round(tail * (len(values) + 1), 9))
    return float(np.partition(values, k - 1)[k - 1]) if k >= 1 else 0.0  # 0: every probability


def _in_gap(limit: float, values: Doubles) -> float:
    """Halfway to the next lower value: no row stands where another machine's last digit decides."""
    below = values[values < limit]
    return limit - min(0.0005, (limit - float(below.max())) / 2 if len(below) else 0.0005)


def _band(p: Doubles, y: Doubles, level: float, *, scaled: bool) -> dict[str, Any]:
    left = y - p
    x, scale = _scale(p, np.abs(left)) if scaled else (np.array([0.0, 1.0]), np.ones(2))
    size = np.interp(p, x, scale)
    ratio = left / size
    tail = (1 - level) / 2
    slope = np.diff(scale) / np.diff(x)
    return {
        "x": x.tolist(),
        "scale": scale.tolist(),
        "slope": slope.tolist(),
        "below": -_low_quantile(ratio, tail),
        "above": -_low_quantile(-ratio, tail),
    }


def _scale(p: Doubles, size: Doubles) -> tuple[Doubles, Doubles]:
    """How large residuals are along the answers: at most 16 knots of 100 rows and more."""
    parts = np.array_split(np.argsort(p, kind="stable"), max(1, min(KNOTS, len(p) // KNOT_ROWS)))
    x = np.array([p[part].mean() for part in parts])
    mean = np.array([size[part].mean() for part in parts])
    kept = np.append(True, np.diff(x) > 1e-9 * (np.ptp(p) or 1.0))
    x, mean = x[kept], mean[kept]
    if len(x) < 2 or not size.mean() > 0:
        return np.array([0.0, 1.0]), np.ones(2)
    return x, np.maximum(mean, 0.1 * float(size.mean()))


def band(state: State, p: Doubles) -> tuple[Doubles, Doubles]:
    """Lower and upper ends, each (samples,), for predictions (samples, 1); of several targets each
    (samples, targets)."""
    if "targets" in state:
        ends = [band(own, p[:, [j]]) for j, own in enumerate(state["targets"])]
        low, high = zip(*ends, strict=True)
        return np.stack(low, axis=1), np.stack(high, axis=1)
    x, scale, slope = (np.asarray(state[k]) for k in ("x", "scale", "slope"))
    q = np.clip(p[:, 0], x[0], x[-1])
    i = np.minimum((q[:, None] >= x[None, 1:-1]).sum(axis=1), len(slope) - 1)
    size = slope[i] * (q - x[i]) + scale[i]
    return p[:, 0] - state["below"] * size, p[:, 0] + state["above"] * size


def members(state: State, p: Doubles) -> Bools:
    """Which classes belong to the set, (samples, classes); the most probable one always does."""
    inside = p >= np.asarray(state["thresholds"])
    inside[np.arange(len(p)), p.argmax(axis=1)] = True
    return inside


def covered(state: State, p: Doubles, y: Doubles, task: Task) -> Bools:
    """Whether each truth lies inside, (samples,); of several targets (samples, targets)."""
    if task.is_classification:
        return members(state, p)[np.arange(len(y)), y.astype(np.int64)]
    lower, upper = band(state, p)
    return np.asarray((lower <= y) & (y <= upper), dtype=bool)


def to_onnx(state: State, tape: Tape, result: str, task: Task) -> None:
    """Publish ``prediction_set`` int64 [N, classes], or ``lower`` and ``upper`` double [N, 1], of
    several targets [N, targets]."""
    if task.is_classification:
        limits = tape.const(np.asarray(state["thresholds"])[None, :])
        reached = tape.op("GreaterOrEqual", result, limits)
        most = tape.op("ArgMax", result, axis=1, keepdims=1, select_last_index=0)
        codes = tape.const(np.arange(task.outputs, dtype=np.int64)[None, :])
        inside = tape.op("Or", reached, tape.op("Equal", most, codes))
        tape.output("prediction_set", tape.cast(inside, "int64"), "int64", (None, task.outputs))
        return
    if "targets" not in state:
        ends = [_ends(state, tape, result)]
    else:
        own = [tape.const(np.array([j], dtype=np.int64)) for j in range(task.outputs)]
        ends = [
            _ends(part, tape, tape.op("Gather", result, at, axis=1))
            for part, at in zip(state["targets"], own, strict=True)
        ]
    for name, side in zip(("lower", "upper"), zip(*ends, strict=True), strict=True):
        whole = side[0] if len(side) == 1 else tape.concat(list(side), axis=1)
        tape.output(name, whole, "double", (None, task.outputs))


def _ends(state: State, tape: Tape, result: str) -> tuple[str, str]:
    """Names of the lower and upper ends, [N, 1] each, of predictions [N, 1]."""
    x, scale, slope = (np.asarray(state[k]) for k in ("x", "scale", "slope"))
    q = tape.op("Max", tape.op("Min", result, tape.const(x[-1:])), tape.const(x[:1]))
    if len(x) > 2:
        above = tape.op("GreaterOrEqual", q, tape.const(x[None, 1:-1]))
        axes = tape.const(np.array([1], dtype=np.int64))
        i = tape.op("ReduceSum", tape.cast(above, "int64"), axes, keepdims=1)
    else:
        zero = tape.const(np.array(0, dtype=np.int64))
        i = tape.op("Mul", tape.cast(q, "int64"), zero)
    at, level, rise = (tape.op("Gather", tape.const(v), i) for v in (x, scale, slope))
    size = tape.op("Add", tape.op("Mul", rise, tape.op("Sub", q, at)), level)
    below, above = (
        tape.op("Mul", tape.const(np.array(float(state[side]))), size)
        for side in ("below", "above")
    )
    return tape.op("Sub", result, below), tape.op("Add", result, above)
