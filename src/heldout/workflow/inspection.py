"""Look at a table: findings of the audits, and the numbers behind the pictures.

Columns are counted over all rows. Audits and pictures of several columns rest on drawn rows where
there are many; whatever needs the target sees open rows only: those that a run would seal stay shut.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np

from heldout.audits.coordinates import coordinates
from heldout.audits.finding import Finding, Look
from heldout.audits.review import review
from heldout.audits.singles import Single
from heldout.audits.tidy import tidy
from heldout.core.arrays import Doubles, Ints
from heldout.core.blas import one_thread
from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.report.inspected import Inspection, Spots
from heldout.report.inspected.hidden import hidden
from heldout.splits.folds import three
from heldout.splits.protocol import plan as make_plan
from heldout.splits.samples import make_samples
from heldout.tables import unnamed
from heldout.tables.hashes import mix
from heldout.tables.memory import allowed
from heldout.tables.sample import drawn
from heldout.tables.schema import Schema
from heldout.tables.source import is_source, name_of
from heldout.tables.summary import Summary, of_classes, summary
from heldout.tables.table import Table
from heldout.tables.together import Course, correlations, missing_along, over_time
from heldout.tasks.several import alone, known
from heldout.tasks.state import encode
from heldout.workflow.define import load, stated, with_label
from heldout.workflow.look import reviewed
from heldout.workflow.production import compared
from heldout.workflow.quick import quick_learner
from heldout.workflow.shown import examples
from heldout.workflow.spec import Spec, resolve

SECONDS = 60.0
MOST_ROWS = 20_000  # with the target, and for pictures of several columns
MOST_STRUCTURE = 200_000  # for the audits without it
PLANNED_BYTES = 60  # of memory a cell, to find out which rows a run would seal
MOST_DRAWN = 60  # columns with a picture
MOST_PAIRED = 20  # columns in a picture of all pairs
MOST_MEANS = 5
MOST_PLACES = 600
FEW_CLASSES = 4
Z = 3.0


def inspection(source: Any, target: str | None = None, **said: Any) -> Inspection:
    """Kinds, parts, findings and pictures of ``source``, a path or a frame; with ``target`` leaks
    too, on open rows. Keywords are the long options of ``heldout inspect``.

    >>> found = inspection({"a": [1.5, 2.5, 3.5, None] * 5})
    >>> found.rows, found.summary("a").missing
    (20, 5)
    """
    path = str(source) if is_source(source) and not isinstance(source, list) else None
    spec = resolve({"target": target, **said, **({"data": path} if path else {})})
    return look_at(source, with_label(spec) if path else spec)


@dataclass(frozen=True)
class _Opened:
    """What a look with the target gave: the look; all rows that have a target; which of
    them are open, with their y; findings."""

    look: Look
    table: Table
    rows: Ints
    y: Doubles
    findings: tuple[Finding, ...]


@one_thread()
def look_at(source: Any, spec: Spec) -> Inspection:
    """Everything that a page of ``heldout inspect`` shows."""
    table = load(source, spec)
    until, seed = Deadline.after(SECONDS), Seed(spec.seed)
    some = fewer(table, MOST_STRUCTURE)
    plain = Look(some, None, None, (), seed, until)
    found = list(review(plain, "structure"))
    if spec.target:
        opened = _opened(table, spec, until)
        shown, found = opened.look.table, found + list(opened.findings)
    else:
        opened, shown = None, fewer(some, MOST_ROWS)
        found += compared(plain, spec)
    target = next((c.name for c in table.schema if c.role == "target"), None)
    gaps = [c.name for c in table.schema if c.nulls][:MOST_PAIRED]
    names = _paired(table.schema)
    made = Inspection(
        source=name_of(source) if is_source(source) else table.source,
        rows=table.rows,
        schema=table.schema,
        notes=table.notes,
        findings=tuple(tidy(found)),
        summaries=_summaries(table, target, opened),
        target=target,
        open_rows=None if opened is None else len(opened.rows),
        planned=table.rows if opened is None else opened.table.rows,
        looked_at=some.rows if opened is None else min(some.rows, shown.rows),
        skills=() if opened is None else _skills(opened.look),
        correlated=(tuple(names), correlations(shown, names)) if len(names) > 1 else None,
        gaps=(tuple(gaps), missing_along(table, gaps)) if gaps else None,
        courses=_courses(table, shown, target),
        spots=_spots(shown, opened, seed) if spec.rows else (),
        examples=examples(shown, None if opened is None else opened.look.rank, seed)
        if spec.rows
        else None,
    )
    return made if spec.rows else hidden(made)


def _opened(table: Table, spec: Spec, until: Deadline) -> _Opened:
    """The checks that read the target, on open rows."""
    table = fewer(table, max(MOST_STRUCTURE, allowed() // (PLANNED_BYTES * len(table.schema))))
    task = stated(table, spec)
    y = encode(task, table)
    there = np.flatnonzero(known(y))
    if len(there) < table.rows:
        table, y = table.take(there), y[there]
    samples = make_samples(table, task)
    opened = make_plan(samples, y, task, Seed(spec.seed)).open
    looked = opened
    if len(opened) > MOST_ROWS:
        rng = Seed(spec.seed).child("audit", "rows").rng()
        looked = np.sort(rng.choice(opened, MOST_ROWS, replace=False))
    unit = samples.copy_of if samples.group is None else samples.group
    layers = alone(task, y[looked])[1]
    folds = three(len(looked), layers, unit[looked], Seed(spec.seed).child("audit", "folds"))
    look = Look(
        table.take(looked),
        task,
        y[looked],
        folds,
        Seed(spec.seed).child("audit"),
        until,
        quick_learner(task),
        None if samples.group is None else samples.group[looked],
        there[looked],
    )
    found = [*_checked(look), *compared(look, spec)]
    return _Opened(look, table, opened, y[opened], tuple(found))


def _checked(look: Look) -> list[Finding]:
    """The checks that read the target; of several targets for each."""
    assert look.task is not None
    return reviewed(look, set()) if look.task.parts else list(review(look, "target"))


def fewer(table: Table, most: int) -> Table:
    """At most about ``most`` rows, drawn by what they say: equal rows together or not at all."""
    if table.rows <= most:
        return table
    import polars as pl

    hashes = mix(table.frame.hash_rows(seed=0).to_numpy())  # only what is shown rests on it
    kept = table.frame.filter(pl.Series(drawn(hashes, most / table.rows)))
    columns = tuple(
        c.replace(
            nulls=kept[c.name].null_count(),
            distinct=unnamed.column(kept, c.name).drop_nulls().n_unique(),
        )
        for c in table.schema
    )
    return dataclasses.replace(table, frame=kept, schema=Schema(columns))


def _summaries(table: Table, target: str | None, opened: _Opened | None) -> tuple[Summary, ...]:
    """Of all rows; the target's of open rows."""
    hidden_ones = [c.name for c in table.schema if c.role == "target"] if target is not None else []
    names = [n for n in table.schema.names if n not in hidden_ones]
    made = [summary(table, name) for name in names[: MOST_DRAWN - len(hidden_ones)]]
    if opened is not None:
        made = [*(_of_target(name, opened) for name in hidden_ones), *made]
    return tuple(made)


def _of_target(target: str, opened: _Opened) -> Summary:
    """Classes with their counts, or the histogram of a number."""
    task = opened.look.task
    if task is None or not task.is_classification:
        column = opened.table.frame[[target]][opened.rows]
        return summary(dataclasses.replace(opened.table, frame=column), target)
    counts = np.bincount(opened.y.astype(np.int64), minlength=len(task.classes)).tolist()
    return of_classes(target, task.classes, counts)


def _skills(look: Look) -> tuple[tuple[str, float, bool], ...]:
    found: dict[str, Single] = look.memo.get("singles", {})
    return tuple((s.column, s.skill, s.skill > 0 and s.z > Z) for s in found.values())


def _paired(schema: Schema) -> list[str]:
    """Numbers, yes and no, and dates are ordered; identifiers say nothing here."""
    ordered = [c for c in schema if c.kind in ("number", "boolean") and c.role != "ignored"]
    return [c.name for c in sorted(ordered, key=lambda c: c.role != "target")][:MOST_PAIRED]


def _courses(table: Table, shown: Table, target: str | None) -> tuple[Course, ...]:
    """The first column of dates; means of the target are those of open rows."""
    dates = [c for c in table.schema if c.kind == "date"]
    dates.sort(key=lambda c: c.role != "time")
    means = [
        c.name
        for c in table.schema
        if c.kind == "number" and c.name != target and c.role != "ignored"
    ]
    for date in dates:
        made = over_time(table, date.name, means[:MOST_MEANS])
        if made is None:
            continue
        if target is not None and table.schema[target].kind == "number":
            of_target = over_time(shown, date.name, [target], made.between)
            if of_target is not None:
                made = dataclasses.replace(made, means=(*of_target.means, *made.means))
        return (made,)
    return ()


def _spots(shown: Table, opened: _Opened | None, seed: Seed) -> tuple[Spots, ...]:
    """Places of drawn rows; with few classes the class of each."""
    made = []
    for north, east in coordinates(shown.schema):
        arrays = shown.arrays([north, east])
        known = np.flatnonzero(np.isfinite(arrays[north]) & np.isfinite(arrays[east]))
        if len(known) < 2:
            continue
        known = np.sort(seed.child("inspect", "places").rng().permutation(known)[:MOST_PLACES])
        kinds = None if opened is None else _classes(opened.look, known)
        at = zip(arrays[north][known].tolist(), arrays[east][known].tolist(), strict=True)
        made.append(Spots(north, east, tuple(at), kinds))
    return tuple(made)


def _classes(look: Look, rows: Ints) -> tuple[str, ...] | None:
    task, y = look.task, look.y
    if task is None or y is None or not 0 < len(task.classes) <= FEW_CLASSES:
        return None
    return tuple(task.classes[int(v)] for v in y[rows])
