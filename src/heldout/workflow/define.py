"""Step 1, define the task: read the table, give every column its part, state the question."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from heldout.core.arrays import Doubles
from heldout.core.errors import HeldoutError
from heldout.core.names import nearest, plural, quoted
from heldout.tables import read
from heldout.tables.address import shown
from heldout.tables.schema import Role, Schema
from heldout.tables.source import labeled
from heldout.tables.table import Table
from heldout.tasks.options import Said
from heldout.tasks.several import known
from heldout.tasks.state import encode, state
from heldout.tasks.task import Task
from heldout.workflow.computed import with_computed
from heldout.workflow.context import Context, nothing_to_learn
from heldout.workflow.existing import column_of
from heldout.workflow.questions import available
from heldout.workflow.spec import NONE, Spec

FEWEST = 20


@dataclass(frozen=True)
class Defined:
    """A table whose every row has a target, the task, and y (samples,) as float64; (samples,
    targets) where there are several."""

    table: Table
    task: Task
    y: Doubles
    without_target: int


def load(source: Any, spec: Spec) -> Table:
    """Read the source and apply what was said about its columns."""
    if isinstance(source, str) and not source:
        raise HeldoutError(
            "H101",
            "no DATA was named",
            seen="neither a file on the command line nor `data` in a specification",
            why="the rows to learn from are read from a file, a folder or a database",
            do=["give a file first: heldout run churn.csv --target Churn"],
        )
    table = read.read(
        source,
        types=spec.type,
        header=spec.header,
        header_row=spec.header_row,
        table=spec.table,
        query=spec.query,
        rename=spec.rename,
    )
    return with_computed(table.with_schema(with_roles(table.schema, spec)), spec.columns)


def with_roles(schema: Schema, spec: Spec) -> Schema:
    """Target, group, time, weight, dropped and kept columns, as they were named."""
    _one_part(schema, spec)
    told = spec.definition
    existing = column_of(spec.existing, schema) if spec.existing else None
    parts: list[tuple[tuple[str, ...], Role, str]] = [
        (spec.keep, "input", "kept: --keep"),
        (tuple(available(told, "no")), "ignored", "not there when an answer is needed: definition"),
        ((existing,) if existing else (), "ignored", "how it is solved today: --existing"),
        (spec.drop, "ignored", "dropped: --drop"),
        (_named(spec.group), "group", "says which rows belong together: --group"),
        (tuple(t for t in _named(spec.time) if t != "row"), "time", "orders the rows: --time"),
        ((spec.weight,) if spec.weight else (), "weight", "how much a row counts: --weight"),
        (targets_of(spec, schema), "target", "the column to predict"),
    ]
    for named, role, reason in parts:
        found = [read.find_column(schema, name) for name in named]
        schema = schema.with_roles(dict.fromkeys(found, role), reason)
    # A group or time column is still known at prediction time; time parts may inform the model.
    return schema


def _one_part(schema: Schema, spec: Spec) -> None:
    """H102 where a column is to be left out and used at once."""
    dropped = {read.find_column(schema, name) for name in spec.drop}
    used = {"target": targets_of(spec, schema), "keep": spec.keep}
    for option, names in used.items():
        both = [n for n in names if read.find_column(schema, n) in dropped]
        if both:
            raise HeldoutError(
                "H102",
                f'"{both[0]}" is named by --drop and by --{option}',
                seen=f"--drop {quoted(','.join(spec.drop))}",
                why="a column is either left out or used",
                do=[f"take it out of --drop or of --{option}"],
            )


def targets_of(spec: Spec, schema: Schema) -> tuple[str, ...]:
    """The columns of --target: one, or several divided by commas, unless a column has that name.
    H104 where there is no such column."""
    said = spec.target
    if not said:
        return ()
    if isinstance(said, str) and said not in schema and "," in said:
        said = tuple(part.strip() for part in said.split(",") if part.strip())
    names = (said,) if isinstance(said, str) else said
    return tuple(_target(schema, name, spec) for name in names)


def _target(schema: Schema, name: str, spec: Spec) -> str:
    """A column of --target; H104 with the whole command that is meant, where it was one letter off."""
    try:
        return read.find_column(schema, name)
    except HeldoutError as error:
        source = shown(spec.data) if spec.data else ""
        near = nearest(name, schema.names)
        command = f"heldout run {quoted(source)} --target {quoted(near)}" if source and near else ""
        raise HeldoutError(
            error.code,
            f'{Path(source).name or "the table"} has no column "{name}"',
            seen=error.seen,
            why="the target is the column to predict",
            do=[command] if command else error.do,
        ) from None


def _named(columns: tuple[str, ...]) -> tuple[str, ...]:
    """The columns of --group or --time; the word none names no column."""
    return () if columns == NONE else columns


def stated(table: Table, spec: Spec) -> Task:
    """The task of a table, by what was said and what the target looks like."""
    return state(
        table,
        targets_of(spec, table.schema),
        Said(
            task=spec.task,
            metric=spec.metric,
            positive=spec.positive,
            group=tuple(read.find_column(table.schema, g) for g in _named(spec.group)),
            time=tuple(
                t if t == "row" else read.find_column(table.schema, t) for t in _named(spec.time)
            ),
            weight=spec.weight,
            horizon=spec.horizon,
            cost=spec.cost,
            capacity=share_of_cases(spec),
            threshold=spec.threshold,
            unit=spec.unit,
        ),
    )


def one_target(spec: Spec, schema: Schema) -> str:
    """The target of a task that has one; H270 where several were named."""
    found = targets_of(spec, schema)
    if len(found) == 1:
        return found[0]
    raise HeldoutError(
        "H270",
        "a forecast has one target",
        seen=f"--target {','.join(found)}",
        why="each series is continued from its own past",
        do=[f"a run for each: --task forecast --target {quoted(found[0])}"],
    )


def cases_a_day(spec: Spec) -> float | None:
    """How many cases come a day: ``--cases``, or the definition's answer; None where unknown."""
    said = spec.cases if spec.cases is not None else spec.definition.get("volume")
    try:
        found = float(said)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return found if 0 < found < float("inf") else None


def share_of_cases(spec: Spec) -> float | None:
    """``--capacity 200`` of ``--cases 5000`` a day is a share of 0.04; without cases a number
    counts among the open rows.

    >>> share_of_cases(Spec(capacity=200, cases=5000)), share_of_cases(Spec(capacity=200))
    (0.04, 200)
    """
    cases = cases_a_day(spec)
    if spec.capacity is None or spec.capacity < 1 or cases is None:
        return spec.capacity
    return min(spec.capacity / cases, 1 - 1e-9)


def define(table: Table, spec: Spec, context: Context) -> Defined:
    """State the task and set aside the rows that have no target."""
    task = stated(table, spec)
    _one_target_only(task, spec)
    _test_has_answers(task, spec)
    target = task.target
    y = encode(task, table)
    there = known(y)
    missing = int((~there).sum())
    if missing:
        table = table.take(np.flatnonzero(there))
        y = y[there]
    if len(y) < FEWEST:
        raise nothing_to_learn(
            "H261",
            f"only {plural(len(y), 'row')} with a value of {target}",
            f"{len(y) + missing} rows, {missing} without a target",
            [f"bring at least {FEWEST} rows; some hundreds make a score worth having"],
        )
    if not table.schema.inputs:
        raise nothing_to_learn(
            "H262",
            f"{Path(table.source).name} has no column to predict {target} from",
            "; ".join(f"{c.name}: {c.reason}" for c in list(table.schema)[:6]),
            ["name columns to keep with --keep, or their kind with --type COLUMN=number"],
        )
    _record(table, task, missing, context)
    return Defined(table, task, y, missing)


def _one_target_only(task: Task, spec: Spec) -> None:
    """H102 where an option speaks of one target and there are several."""
    asked = {
        "existing": bool(spec.existing),
        "fairness": bool(spec.fairness),
        "conformal": spec.conformal is not None and task.is_multilabel,
        "ladder": spec.ladder is True,
    }
    whys = {
        "conformal": "a set of answers is promised for one label; numbers have intervals each",
        "ladder": "it climbs by one loss, and targets differ in what they need",
    }
    for name in (n for n, said in asked.items() if said and task.parts):
        raise HeldoutError(
            "H102",
            f"--{name} looks at one target",
            seen=f"--target {','.join(task.targets)}",
            why=whys.get(name, "it compares answers to one question"),
            do=[f"leave --{name} out, or run it with --target {quoted(task.targets[0])}"],
        )


def _test_has_answers(task: Task, spec: Spec) -> None:
    """H321 where the file of ``--test`` lacks the target, before anything is fitted."""
    if not spec.test:
        return
    first = next(iter(read.pieces(spec.test, [], 50)), None)
    if first is None:
        return
    names = [spec.rename.get(n, n) for n in first.frame.columns]
    lacking = [t for t in task.targets if t not in names]
    if lacking:
        raise HeldoutError(
            "H321",
            f'{Path(spec.test).name} has no column "{lacking[0]}"',
            seen=f"{plural(len(names), 'column')}: {', '.join(names[:8])}",
            why="the rows of --test are scored by their answers",
            do=["give a file that holds the answers, or leave --test out"],
        )


def _record(table: Table, task: Task, missing: int, context: Context) -> None:
    context.write(
        "read",
        f"{plural(table.rows, 'row')}, {plural(len(table.schema), 'column')}",
        "; ".join(table.notes),
        numbers={
            "notes": list(table.notes),
            "guesses": dict(table.guesses),
            "columns": table.schema.as_dict(),
            "without_target": missing,
        },
        overrule="--type COLUMN=KIND, --drop, --keep, --rename",
    )
    context.questions += list(task.questions)
    spec = context.spec
    if spec.capacity is not None and spec.capacity >= 1 and cases_a_day(spec) is None:
        context.questions.append(
            f"How many cases come a day? Until then --capacity {spec.capacity:g} means "
            f"{spec.capacity:g} of the open rows (--cases N)."
        )
    context.write(
        "define",
        f"{task.kind}: predict {task.target}, judged by {task.metric}",
        task.reason,
        numbers={"task": task.as_dict(), "cases_a_day": cases_a_day(context.spec)},
        overrule="--task, --metric, --positive",
    )


def with_label(spec: Spec) -> Spec:
    """In a folder of pictures or texts, and in idx files, the answer is the column ``label``."""
    if not spec.target and spec.data and labeled(spec.data):
        return dataclasses.replace(spec, target="label")
    return spec


def missing_target_error(spec: Spec) -> HeldoutError:
    """What to say when no target was named."""
    return HeldoutError(
        "H101",
        "no target was named",
        why="the target is the column to predict",
        do=[f"heldout run {shown(spec.data)} --target COLUMN"],
    )
