"""A forecast goes on from where the bundle ends: a one-step graph, fed with its own answers.

``context.json`` holds the last window of every series, the step, and how wide the band is at each
step ahead. Loops stay outside the graph: these few lines are all that another language must write.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.core.errors import HeldoutError
from heldout.core.names import count, plural, quoted
from heldout.tables import steps
from heldout.tables.steps import Step
from heldout.tasks.series import filled, lag_columns, roll, series_names, time_values
from heldout.tasks.task import Task

if TYPE_CHECKING:
    import polars as pl

    from heldout.bundle.read import Bundle
    from heldout.tables.table import Table

ROUND = 0.01  # of a step: two times this near are the same


@dataclass(frozen=True)
class Ahead:
    """What comes: ``names`` (series,), ``times`` and ``values``, ``low``, ``high`` (series, steps)."""

    names: tuple[str, ...]
    times: Doubles
    values: Doubles
    low: Doubles
    high: Doubles
    kind: str  # of the times


def context(
    names: list[str],
    last: list[float],
    windows: Doubles,
    step: Step,
    kind: str,
    horizon: int,
    widths: list[float],
    how: str,
    level: float,
) -> dict[str, Any]:
    """``context.json``: ``widths`` are half the band at each step, of the value (``how``
    "relative") or in units of the target ("absolute")."""
    return {
        "horizon": horizon,
        "step": step.as_dict(),
        "time": kind,
        "band": {"level": level, "how": how, "widths": widths},
        "series": [
            {"name": n, "last": t, "values": w.tolist()}
            for n, t, w in zip(names, last, windows, strict=True)
        ],
    }


def ahead(bundle: Bundle, source: Any = None, *, rename: Mapping[str, str] | None = None) -> Ahead:
    """The next ``horizon`` steps of every series; ``source`` is newer history (path or frame).

    Raises H101 for a bundle that is no forecast, H330 where the history does not go on.
    """
    known = bundle.context
    if known is None:
        raise HeldoutError(
            "H101",
            "this bundle is no forecast",
            seen=f"{bundle.path.name} answers rows of a table",
            why="only a forecast can go on without new data",
            do=[f"heldout predict {quoted(bundle.path)} DATA"],
        )
    step, horizon = Step.from_dict(known["step"]), int(known["horizon"])
    ends = {s["name"]: (float(s["last"]), np.array(s["values"])) for s in known["series"]}
    if source is not None:
        ends = _updated(ends, source, rename, bundle.task, step)
    history = np.stack([values for _, values in ends.values()])
    values = roll(lambda w: _next(bundle, w), history, horizon)
    widths = np.array(known["band"]["widths"][:horizon])
    half = np.abs(values) * widths if known["band"]["how"] == "relative" else widths + 0 * values
    times = np.array([step.after(last, horizon) for last, _ in ends.values()], dtype=np.float64)
    return Ahead(tuple(ends), times, values, values - half, values + half, known["time"])


def _next(bundle: Bundle, window: Doubles) -> Doubles:
    columns: dict[str, Array] = lag_columns(window)
    found = bundle.run({c.name: columns[c.name] for c in bundle.schema.inputs})
    return np.asarray(found["prediction"], dtype=np.float64)[:, 0]


def frame(bundle: Bundle, found: Ahead) -> pl.DataFrame:
    """``series, time, step, <target>, low, high``: one row a series and step."""
    import polars as pl

    horizon = found.values.shape[1]
    target = bundle.task.target
    if target in ("series", "time", "step", "low", "high"):
        target = f"predicted_{target}"
    times = [steps.written(t, found.kind) for t in found.times.ravel()]
    return pl.DataFrame(
        {
            "series": np.repeat(np.array(found.names, dtype=object), horizon).tolist(),
            "time": times,
            "step": np.tile(np.arange(1, horizon + 1), len(found.names)),
            target: found.values.ravel(),
            "low": found.low.ravel(),
            "high": found.high.ravel(),
        }
    )


Ends = dict[str, tuple[float, Doubles]]


def _updated(
    ends: Ends, source: Any, rename: Mapping[str, str] | None, task: Task, step: Step
) -> Ends:
    """Series that go on take their new values; a series with a whole window of its own may start
    anywhere; the others stay as they are."""
    from heldout.tables.read import find_column, read

    table = read(source, types={task.target: "number"}, rename=rename)
    for name in (task.target, *(t for t in task.time if t != "row"), *task.group):
        find_column(table.schema, name)
    name = Path(source).name if isinstance(source, (str, Path)) else "the data"
    depth = len(next(iter(ends.values()))[1])
    new = _histories(table, task)
    if task.time[0] == "row":
        new = {n: (times + 1 + ends[n][0], v) for n, (times, v) in new.items() if n in ends}
    updated = dict(ends)
    for series, (times, values) in new.items():
        if series in ends:
            last, window = ends[series]
            later = times > last + ROUND * abs(step.after(last, 1)[0] - last)
            if later.any():
                if len(values) < depth:
                    _goes_on(name, series, last, float(times[later][0]), step)
                window = np.concatenate([window, values[later]])[-depth:]
                last = float(times[-1])
            updated[series] = last, window
        if len(values) >= depth:
            updated[series] = float(times[-1]), values[-depth:]
        elif series not in ends:
            raise _gap(
                name,
                f"the series {series} is new and has {plural(len(values), 'step')}; "
                f"{count(depth)} are needed",
            )
    return updated


def _histories(table: Table, task: Task) -> dict[str, tuple[Doubles, Doubles]]:
    """Times and values of each series, in order, gaps filled by the last known value."""
    names, times = np.array(series_names(table, task), dtype=object), time_values(table, task)
    values = table.arrays([task.target])[task.target]
    made = {}
    for series in dict.fromkeys(names.tolist()):
        rows = np.flatnonzero((names == series) & ~np.isnan(times))
        rows = rows[np.argsort(times[rows], kind="stable")]
        made[str(series)] = times[rows], filled(values[rows])[0]
    return made


def _goes_on(name: str, series: str, last: float, first: float, step: Step) -> None:
    """H330 where steps between the bundle's last and the first new one are missing."""
    if step.kind == "plain":
        return
    wanted = step.after(last, 1)[0]
    if first - wanted > ROUND * abs(wanted - last):
        raise _gap(
            name,
            f"{series} ends at {steps.written(last, 'date')} in the bundle and goes on at "
            f"{steps.written(first, 'date')}; the next {step.name} is "
            f"{steps.written(wanted, 'date')}",
        )


def _gap(name: str, seen: str) -> HeldoutError:
    return HeldoutError(
        "H330",
        f"{name} does not go on where the bundle ends",
        seen=seen,
        why="a window with a hole in it would be read as if nothing were missing",
        do=["bring the steps between, or a whole window of the newest history"],
    )
