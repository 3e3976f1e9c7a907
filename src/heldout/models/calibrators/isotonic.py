"""Isotonic calibration: the best rising curve, as a line through at most 64 knots."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.models.card import CalibratorCard
from heldout.models.link import two_columns
from heldout.models.logits import column_onnx
from heldout.tasks.task import Task

if TYPE_CHECKING:
    from heldout.graph.tape import Tape

KNOTS = 64
POINTS = 4_096  # more rows are averaged, neighbors first, before violators are pooled
STEEPEST = 50.0  # a knot that would rise faster is moved apart: differences are multiplied by it


def fit(p: Doubles, y: Array, _task: Task) -> dict[str, Any]:
    """Pool adjacent violators on p of class 1; ends held 1 / (n + 2) away from 0 and 1."""
    order = np.argsort(p[:, 1], kind="stable")
    x, level, weight = pool(*_points(p[order, 1], np.asarray(y, dtype=np.float64)[order]))
    edge = 1.0 / (len(p) + 2)
    level = np.clip(level, edge, 1 - edge)
    x, level = _thin(x, level, weight)
    x, level = _gentle(x, level)
    if len(x) == 1:
        x, level = np.array([x[0], x[0] + 1.0]), np.repeat(level, 2)
    slope = np.diff(level) / np.diff(x)
    return {"x": x.tolist(), "y": level.tolist(), "slope": slope.tolist()}


def _points(x: Doubles, y: Doubles) -> tuple[Doubles, Doubles, Doubles]:
    """Mean x, sum of y and rows of each point, x sorted: equal x are one point."""
    new = np.append(True, np.diff(x) > 0)
    if new.sum() > POINTS:
        step = np.arange(len(x)) * POINTS // len(x)
        new &= np.append(True, np.diff(np.maximum.accumulate(np.where(new, step, 0))) > 0)
    start = np.flatnonzero(new)
    weight = np.diff(np.append(start, len(x))).astype(np.float64)
    return np.add.reduceat(x, start) / weight, np.add.reduceat(y, start), weight


def pool(x: Doubles, sums: Doubles, weight: Doubles) -> tuple[Doubles, Doubles, Doubles]:
    """Pool adjacent violators: points in order of x with sums of y and rows, to center, level
    and rows of each block.

    >>> pool(np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0, 0.0]), np.ones(3))[1].tolist()
    [0.0, 0.5]
    """
    sum_x = x * weight
    blocks: list[list[float]] = []
    for s, sx, w in zip(sums.tolist(), sum_x.tolist(), weight.tolist(), strict=True):
        blocks.append([s, sx, w])
        while len(blocks) > 1 and blocks[-2][0] * blocks[-1][2] >= blocks[-1][0] * blocks[-2][2]:
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last, strict=True)]
    made = np.array(blocks)
    return made[:, 1] / made[:, 2], made[:, 0] / made[:, 2], made[:, 2]


def _thin(x: Doubles, level: Doubles, weight: Doubles) -> tuple[Doubles, Doubles]:
    """At most ``KNOTS`` blocks, neighbors joined at equal steps of rows."""
    if len(x) <= KNOTS:
        return x, level
    middle = np.cumsum(weight) - weight / 2
    bin_of = np.minimum((middle / weight.sum() * KNOTS).astype(np.int64), KNOTS - 1)
    total = np.bincount(bin_of, weights=weight, minlength=KNOTS)
    kept = total > 0
    new_x = np.bincount(bin_of, weights=weight * x, minlength=KNOTS)[kept] / total[kept]
    new_y = np.bincount(bin_of, weights=weight * level, minlength=KNOTS)[kept] / total[kept]
    return new_x, new_y


def _gentle(x: Doubles, level: Doubles) -> tuple[Doubles, Doubles]:
    """Leave out knots that stand so near the one before that the line between is too steep."""
    kept = [0]
    for i in range(1, len(x)):
        rise, run = level[i] - level[kept[-1]], x[i] - x[kept[-1]]
        if run > 0 and rise <= STEEPEST * run:
            kept.append(i)
    return x[kept], level[kept]


def apply(state: Mapping[str, Any], p: Doubles) -> Doubles:
    """Probabilities (samples, 2) to calibrated ones; outside the knots the end's level holds."""
    x, y, slope = (np.asarray(state[k]) for k in ("x", "y", "slope"))
    q = np.clip(p[:, 1], x[0], x[-1])
    i = (q[:, None] >= x[None, 1:]).sum(axis=1)
    i = np.minimum(i, len(slope) - 1)
    made = slope[i] * (q - x[i]) + y[i]
    return np.stack([1.0 - made, made], axis=1)


def to_onnx(state: Mapping[str, Any], tape: Tape, name: str) -> str:
    """The same arithmetic on a tape."""
    x, y, slope = (np.asarray(state[k]) for k in ("x", "y", "slope"))
    p = column_onnx(tape, name, 1)
    q = tape.op("Max", tape.op("Min", p, tape.const(x[-1:])), tape.const(x[:1]))
    # one knot fewer than x: at the last one the segment before it still holds
    above = tape.op("GreaterOrEqual", q, tape.const(x[None, 1:-1])) if len(x) > 2 else None
    if above is None:
        zero = tape.const(np.array(0, dtype=np.int64))
        i = tape.op("Mul", tape.cast(q, "int64"), zero)
    else:
        axes = tape.const(np.array([1], dtype=np.int64))
        i = tape.op("ReduceSum", tape.cast(above, "int64"), axes, keepdims=1)
    at, level, rise = (tape.op("Gather", tape.const(v), i) for v in (x, y, slope))
    made = tape.op("Add", tape.op("Mul", rise, tape.op("Sub", q, at)), level)
    return two_columns(tape, made)


CARD = CalibratorCard(
    name="isotonic",
    summary="any rising curve, from many rows",
    fit=fit,
    apply=apply,
    to_onnx=to_onnx,
    slope=lambda state: float(max(state["slope"])),
    source="Zadrozny and Elkan 2002; Ayer et al. 1955 (pool adjacent violators)",
)
