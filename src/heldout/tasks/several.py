"""Several targets make one task: labels that do not exclude each other, or numbers (TASK-02)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from heldout.core.arrays import Bools, Doubles, Ints
from heldout.core.errors import HeldoutError
from heldout.core.names import count, nearest, plural
from heldout.tables.schema import Column
from heldout.tables.table import Table
from heldout.tasks.labels import Target, is_number, read_target
from heldout.tasks.one import FEWEST_SAMPLES, encode_one, state_one, task_name
from heldout.tasks.options import Said, task_of
from heldout.tasks.task import TASKS, Task

FEWEST_STRATUM = 10  # rows of a label below which folds are not made by it
MOST_TARGETS = 200
PART = {"multilabel": "binary", "vector_regression": "regression"}


def state_several(table: Table, targets: Sequence[str], said: Said) -> Task:
    """The task of predicting all ``targets`` of a row. Raises as ``state`` does, H270 where the
    targets do not make one task, H102 where one is named twice."""
    named = _named(said.task, targets)
    whole = _whole_rows(table, targets)
    found = {t: read_target(whole, whole.schema[t]) for t in targets}
    kind, reason = _kind(whole, found, named)
    each = dataclasses.replace(said, task=PART[kind], metric=None)
    parts = tuple(_part(state_one(whole, t, each), found[t]) for t in targets)
    metric = said.metric or TASKS.get(kind).metrics[0]
    return task_of(
        kind,
        ", ".join(targets),
        said,
        reason=_reason(reason, parts, kind),
        questions=_questions(table, whole, parts, kind),
        parts=tuple(dataclasses.replace(p, metric=metric) for p in parts),
    )


def encode_several(task: Task, table: Table) -> Doubles:
    """(rows, targets) float64: 1 for the positive class and 0 for the other, or values; a row in
    which one target is missing is NaN throughout."""
    y = np.stack([encode_one(part, table) for part in task.parts], axis=1)
    return whole(y)


def whole(y: Doubles) -> Doubles:
    """The same with NaN throughout a row that misses a target: it cannot be scored.

    >>> whole(np.array([[1.0, np.nan], [0.0, 1.0]])).tolist()
    [[nan, nan], [0.0, 1.0]]
    """
    return np.where(np.isnan(y).any(axis=1, keepdims=True), np.nan, y)


def known(y: Doubles) -> Bools:
    """(rows,) whether the target is known; of several targets (rows, targets) all of them.

    >>> known(np.array([1.0, np.nan])).tolist(), known(np.array([[1.0, 0.0], [np.nan, 1.0]])).tolist()
    ([True, False], [True, False])
    """
    there: Bools = ~np.isnan(y)
    return there if y.ndim == 1 else np.asarray(there.all(axis=1))


def deviation(task: Task, y: Doubles) -> float:
    """What differences of predictions are compared with: 1 for probabilities, the standard
    deviation of a number, the smallest one of several."""
    if task.is_likely:
        return 1.0
    return float(np.min(np.std(y, axis=0)))


def alone(task: Task, y: Doubles) -> tuple[Task, Doubles]:
    """One target in the place of several, for all that parts rows: the class is the rarest label
    that a row has, the number what the targets have most in common (first principal component).

    A task of one target passes through. Classes with fewer rows than the rarest label that has
    ten are joined to the rest, so that the rarest class counts the rows of the rarest label.
    """
    if not task.parts:
        return task, y
    bare = dataclasses.replace(task, parts=())
    if not task.is_multilabel:
        return dataclasses.replace(bare, kind="regression"), principal(y)
    names = ("none of the rarer labels", *task.targets)
    return dataclasses.replace(bare, kind="multiclass", classes=names), rarest_label(y)


def rarest_label(y: Doubles) -> Doubles:
    """(rows,) 0, or 1 + the place of the rarest label of a row of 0 and 1; of a label that most
    rows have, its absence counts."""
    shares = y.mean(axis=0)
    rare = np.where(shares > 0.5, 1 - y, y) > 0
    sizes = rare.sum(axis=0)
    order = np.argsort(sizes, kind="stable")
    code: Ints = np.zeros(len(y), dtype=np.int64)
    for label in order[::-1]:
        code[rare[:, label]] = label + 1
    enough = sizes[sizes >= FEWEST_STRATUM]
    least = int(enough.min()) if len(enough) else FEWEST_STRATUM
    found = np.bincount(code, minlength=y.shape[1] + 1)
    code[np.isin(code, np.flatnonzero(found < least))] = 0
    found = np.bincount(code, minlength=y.shape[1] + 1)
    if found[0] < least and (found > 0).sum() > 2:
        code[code == 0] = int(np.argmax(found))
    return code.astype(np.float64)


def principal(y: Doubles) -> Doubles:
    """(rows,) the first principal component of the scaled targets; the sign is that of the target
    that weighs most."""
    centered = y - y.mean(axis=0)
    deviation = y.std(axis=0)
    scaled = centered / np.where(deviation > 0, deviation, 1.0)
    _, vectors = np.linalg.eigh(scaled.T @ scaled / max(1, len(y)))
    first = vectors[:, -1]
    made: Doubles = scaled @ (first * np.sign(first[np.argmax(np.abs(first))]))
    return made


def _named(task: str | None, targets: Sequence[str]) -> str | None:
    """The task that the user named, if it has several targets; each of them is named once."""
    named = task_name(task)
    if named is not None and named not in PART:
        raise _not_one(
            f"a {named} task has one target", f"{plural(len(targets), 'target')} were named",
            ["leave --task out, or name one target"],
        )  # fmt: skip
    twice = [t for i, t in enumerate(targets) if t in targets[:i]]
    if twice or len(targets) > MOST_TARGETS:
        raise HeldoutError(
            "H102",
            f'"{twice[0]}" is named twice' if twice else f"{len(targets)} targets are too many",
            seen=f"--target {','.join(targets[:12])}",
            why=f"each target is predicted once, at most {MOST_TARGETS} in one run",
            do=["name each column once"],
        )
    return named


def _whole_rows(table: Table, targets: Sequence[str]) -> Table:
    """Rows in which every target is known."""
    known = np.ones(table.rows, dtype=bool)
    for name in targets:
        if name not in table.schema:
            near = nearest(name, table.schema.names)
            raise HeldoutError(
                "H104", f'{table.source} has no column "{name}"',
                seen=f"{plural(len(table.schema), 'column')}"
                + (f'; the nearest name is "{near}"' if near is not None else ""),
                why="each target is a column to predict", do=[],
            )  # fmt: skip
        known &= read_target(table, table.schema[name]).codes >= 0
    if known.all():
        return table
    if int(known.sum()) < FEWEST_SAMPLES:
        raise HeldoutError(
            "H253",
            f"{plural(int(known.sum()), 'row')} with every target known are too few",
            seen=f"{count(table.rows)} rows; {FEWEST_SAMPLES} with all of {', '.join(targets)} are the least",
            why="the score counts every target of a row",
            do=["leave out the target that is missing most, or predict it in a run of its own"],
        )
    return table.take(np.flatnonzero(known))


def _kind(table: Table, found: Mapping[str, Target], named: str | None) -> tuple[str, str]:
    """Which task the targets make, and why."""
    constant = [t for t, f in found.items() if len(f.classes) < 2]
    if constant:
        raise HeldoutError(
            "H251",
            f'"{constant[0]}" has one value only',
            seen=f'every row in which all targets are known says "{found[constant[0]].classes[0]}"',
            why="there is nothing to tell apart",
            do=[f"--target {','.join(t for t in found if t not in constant)}"],
        )
    two = [t for t, f in found.items() if len(f.classes) == 2]
    numbers = [t for t in found if _is_amount(table.schema[t], found[t])]
    if named is not None:
        fit, need = (two, "two values") if named == "multilabel" else (numbers, "numbers")
        strange = [t for t in found if t not in fit]
        if strange:
            raise _not_one(
                f'"{strange[0]}" cannot be one of the targets of a {named} task',
                f"each target has {need}; {_told(table, found, strange[0])}",
                ["leave --task out, or leave that column out of --target"],
            )
        return named, f"{named}: you said so"
    if len(two) == len(found):
        return "multilabel", f"{_all(found)} have two values"
    more = [t for t in found if t not in two]
    words = [t for t in more if t not in numbers]
    if not two and not words:
        return "vector_regression", f"{_all(found)} are numbers"
    groups = [",".join(two)] if two else []
    groups += [",".join(t for t in more if t in numbers)] if set(more) & set(numbers) else []
    groups += words
    do = [f"a run for each kind: --target {g}" for g in groups]
    if len(numbers) == len(found):
        do.append("if two values are amounts too: --task vector_regression")
    raise _not_one(
        "these targets do not make one task",
        "; ".join(_told(table, found, t) for t in list(found)[:6]),
        do,
    )


def _all(found: Mapping[str, Target]) -> str:
    return "both targets" if len(found) == 2 else f"all {len(found)} targets"


def _is_amount(column: Column, found: Target) -> bool:
    """Whether every value is a number; yes and no are none."""
    return column.kind in ("number", "boolean") and all(map(is_number, found.classes))


def _told(table: Table, found: Mapping[str, Target], name: str) -> str:
    k = len(found[name].classes)
    what = "a number" if table.schema[name].kind == "number" and k > 2 else "a class"
    return f"{name} is {what} with {count(k)} values"


def _not_one(what: str, seen: str, do: list[str]) -> HeldoutError:
    why = (
        "targets of one run are all yes-or-no labels, or all numbers: they share a loss and a score"
    )
    return HeldoutError("H270", what, seen=seen, why=why, do=do)


def _part(part: Task, found: Target) -> Task:
    """Classes as (negative, positive): code 1 is what is looked for. Numbers get their scale."""
    if part.kind == "binary":
        other = next(c for c in part.classes if c != part.positive)
        return dataclasses.replace(part, classes=(other, str(part.positive)))
    deviation = float(np.std(found.values[~np.isnan(found.values)]))
    return dataclasses.replace(part, scale=deviation if deviation > 0 else 1.0)


def _reason(reason: str, parts: Sequence[Task], kind: str) -> str:
    if kind != "multilabel":
        return f"{reason}; errors count in standard deviations of each target"
    told = [f"{p.target} ({p.positive})" for p in parts[:12]]
    return f"{reason}; looked for: {', '.join(told)}{' ...' if len(parts) > 12 else ''}"


def _questions(table: Table, kept: Table, parts: Sequence[Task], kind: str) -> tuple[str, ...]:
    """What only the user can answer; kept as assumptions."""
    asked = [q for p in parts for q in p.questions if kind == "multilabel"]
    lost = table.rows - kept.rows
    if lost:
        asked.append(
            f"{plural(lost, 'row')} ({lost / table.rows:.1%}) miss at least one target and are left "
            "out. Are they missing by chance?"
        )
    return tuple(asked)
