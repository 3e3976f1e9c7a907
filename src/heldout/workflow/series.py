"""Series: rows in order of time, by name; windows of lags; a one-step model fed with itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from heldout.core.arrays import Bools, Doubles, Ints
from heldout.core.names import plural
from heldout.splits.plan import Samples
from heldout.tables import steps
from heldout.tables.schema import Column, Schema
from heldout.tables.steps import Step
from heldout.tables.table import Table
from heldout.tasks.series import disordered, filled, series_names, time_kind, time_values
from heldout.tasks.task import Task


@dataclass(frozen=True)
class Series:
    """One series in order: ``values`` with gaps filled by the last known one, ``known`` where the
    value was there, ``rows`` of the table, ``rank`` of the time over all series, ``times``."""

    name: str
    values: Doubles
    known: Bools
    rows: Ints
    rank: Ints
    times: Doubles

    def __len__(self) -> int:
        return len(self.values)


def make_series(table: Table, y: Doubles, task: Task, samples: Samples) -> list[Series]:
    """Part the rows by ``task.group`` and order them; H266 where two rows of a series have the
    same time, or a time is missing."""
    assert samples.time is not None
    names = series_names(table, task)
    times = time_values(table, task)
    if np.isnan(times).any():
        raise disordered(task, f"{plural(int(np.isnan(times).sum()), 'row')} without a time")
    made = []
    for name in dict.fromkeys(names):
        rows = np.array([i for i, n in enumerate(names) if n == name], dtype=np.int64)
        rows = rows[np.argsort(samples.time[rows], kind="stable")]
        twice = np.flatnonzero(np.diff(samples.time[rows]) == 0)
        if len(twice):
            when = steps.written(float(times[rows[twice[0]]]), time_kind(table, task))
            raise disordered(task, f"{when} stands twice in the series {name}")
        values, known = filled(y[rows])
        made.append(Series(name, values, known, rows, samples.time[rows], times[rows]))
    return made


def step_of(series: Sequence[Series], kind: str) -> Step:
    """The step of the longest series."""
    longest = max(series, key=len)
    if kind == "date":
        return steps.of_dates(longest.times.astype(np.int64))
    return steps.of_numbers(longest.times)


def windows(series: Sequence[Series], before: int, depth: int) -> tuple[Doubles, Doubles]:
    """All (window, next value) of steps before rank ``before``: (n, depth) and (n,). The newest
    value of a window is its last column; steps whose value was not known are no targets."""
    xs, ys = [np.zeros((0, depth))], [np.zeros(0)]
    for one in series:
        stop = int(np.searchsorted(one.rank, before))
        if stop > depth:
            cut = np.lib.stride_tricks.sliding_window_view(one.values[:stop], depth + 1)
            kept = cut[one.known[depth:stop]]
            xs.append(kept[:, :-1])
            ys.append(kept[:, -1])
    return np.concatenate(xs), np.concatenate(ys)


def histories(series: Sequence[Series], before: int, depth: int) -> Doubles:
    """The last ``depth`` values before rank ``before`` (series, depth); a shorter history is
    filled up with its first value."""
    made = np.zeros((len(series), depth))
    for i, one in enumerate(series):
        past = one.values[: int(np.searchsorted(one.rank, before))][-depth:]
        if len(past):
            made[i] = np.concatenate([np.full(depth - len(past), past[0]), past])
    return made


def stretch(series: Sequence[Series], start: int, horizon: int) -> tuple[Doubles, Bools]:
    """What really came from rank ``start`` on: (series, horizon) values, and where they are known."""
    values = np.full((len(series), horizon), np.nan)
    for i, one in enumerate(series):
        at = int(np.searchsorted(one.rank, start))
        part = slice(at, min(at + horizon, int(np.searchsorted(one.rank, start + horizon))))
        found = np.where(one.known[part], one.values[part], np.nan)
        values[i, : len(found)] = found
    return values, np.isfinite(values)


def lag_schema(target: Column, depth: int) -> Schema:
    """The columns of the one-step graph: ``lag_1`` (the newest) to ``lag_depth``, and the target."""
    lags = [
        Column(
            f"lag_{k}",
            "number",
            reason=f"{target.name}, {plural(k, 'step')} before",
            low=target.low,
            high=target.high,
        )
        for k in range(1, depth + 1)
    ]
    return Schema((*lags, target.replace(role="target")))
