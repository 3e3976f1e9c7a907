"""The task of one target: its form, its classes, the positive one (TASK-02, joints 19)."""

from __future__ import annotations

import numpy as np

from heldout.core.arrays import Doubles
from heldout.core.errors import HeldoutError
from heldout.core.names import count, nearest, plural
from heldout.tables.schema import Column
from heldout.tables.table import Table
from heldout.tasks.kind import Guess, guess
from heldout.tasks.labels import Target, label_map, read_target
from heldout.tasks.options import Said, check_options, refuse, task_of
from heldout.tasks.table import TASK_TABLE, row
from heldout.tasks.task import Task

FEWEST_SAMPLES = 20
POSITIVE_WORDS = frozenset(
    [
        "1",
        "true",
        "yes",
        "y",
        "positive",
        "pos",
        "sick",
        "ill",
        "disease",
        "diseased",
        "malignant",
        "cancer",
        "tumor",
        "stroke",
        "relapse",
        "recurrence",
        "fraud",
        "fraudulent",
        "churn",
        "churned",
        "default",
        "defaulted",
        "fail",
        "failed",
        "failure",
        "faulty",
        "defect",
        "defective",
        "dead",
        "died",
        "deceased",
        "abnormal",
        "anomaly",
        "spam",
        "attack",
        "late",
        "delayed",
        "cancelled",
        "canceled",
    ]
)


def state_one(table: Table, target: str, said: Said) -> Task:
    """The task of one target."""
    column = _target_column(table, target)
    named = task_name(said.task)
    if named in ("multilabel", "vector_regression"):
        raise _one_target(target, named)
    found = read_target(table, column)
    _enough(column, found)
    suggestion = guess(column, found, named)
    kind = suggestion.kind
    check_options(table, kind, target, said)
    classes = found.classes if kind in ("binary", "multiclass") else ()
    chosen, why_positive = _positive(kind, column, found, said.positive)
    return task_of(
        kind,
        target,
        said,
        classes=classes,
        positive=chosen,
        labels=label_map(column, found) if classes else {},
        reason=_join(suggestion.reason, why_positive),
        questions=_questions(suggestion, column, found, kind),
    )


def encode_one(task: Task, table: Table) -> Doubles:
    """The target of a task that has one, (rows,) float64."""
    found = read_target(table, table.schema[task.target])
    if not task.is_classification:
        return found.values
    code = {text: float(i) for i, text in enumerate(task.classes)}
    lookup = np.array([code.get(c, np.nan) for c in found.classes] + [np.nan])
    return np.asarray(lookup[found.codes], dtype=np.float64)


def _target_column(table: Table, target: str) -> Column:
    if target in table.schema:
        return table.schema[target]
    near = nearest(target, table.schema.names)
    raise HeldoutError(
        "H104",
        f'{table.source} has no column "{target}"',
        seen=f"{plural(len(table.schema), 'column')}"
        + (f'; the nearest name is "{near}"' if near is not None else ""),
        why="the target is the column to predict",
        do=[f'say --target "{near}"'] if near is not None else [],
    )


def task_name(task: str | None) -> str | None:
    """The name on the shelf of a task that the user named; raises H103."""
    if task is None:
        return None
    try:
        known = row(task.strip().lower())
    except KeyError:
        known = None
    if known is not None and known.runs:
        return known.name
    names = [r.name for r in TASK_TABLE if r.runs]
    near = nearest(task, names)
    raise HeldoutError(
        "H103",
        f'there is no task "{task}"' if known is None else f'the task "{task}" is not carried out',
        seen=f"known: {', '.join(names)}",
        why="the task decides loss, metric and baseline",
        do=[f"say --task {near or names[0]}"],
    )


def _one_target(target: str, named: str) -> HeldoutError:
    return HeldoutError(
        "H270",
        f"a {named} task has several targets",
        seen=f"--target {target}",
        why="with one target it is the usual task of two classes, or of a number",
        do=["name all of them: --target a,b,c", "or leave --task out"],
    )


def _enough(column: Column, found: Target) -> None:
    """Refuse targets that nothing can be learned from."""
    known = found.rows - found.missing
    if known == 0:
        raise HeldoutError(
            "H252",
            f'"{column.name}" is missing in every row',
            seen=f"{count(found.rows)} rows, none with a target",
            why="a model learns from rows whose answer is known",
            do=["name another column with --target, or a file in which it is filled"],
        )
    if len(found.classes) == 1:
        raise HeldoutError(
            "H251",
            f'"{column.name}" has one value only',
            seen=f'all {count(known)} rows with a target say "{found.classes[0]}"',
            why="there is nothing to tell apart",
            do=["name another column with --target, or add rows with other answers"],
        )
    if known < FEWEST_SAMPLES:
        raise HeldoutError(
            "H253",
            f"{plural(known, 'row')} with a target {'is' if known == 1 else 'are'} too few",
            seen=f"{plural(known, 'row')} with a target; {FEWEST_SAMPLES} are the least",
            why="no score from so few rows could be told from chance",
            do=["collect more rows"],
        )


def _positive(
    kind: str, column: Column, found: Target, positive: str | None
) -> tuple[str | None, str]:
    """The class that is looked for and why (joints 19)."""
    if kind != "binary":
        if positive is None:
            return None, ""
        refuse(f"--positive {positive}", f"a {kind} task has no positive class", "leave it out")
    if positive is not None:
        return _named_positive(column, found, positive), f'"{positive}" is positive: you said so'
    words = [c for c in found.classes if c.lower() in POSITIVE_WORDS]
    if len(words) == 1:
        return words[0], f'"{words[0]}" is taken as positive for its name'
    if column.kind == "boolean" and len(found.classes) == 2 and not words:
        yes = column.levels[1].strip() if len(column.levels) == 2 else found.classes[1]
        return yes, f'"{yes}" is taken as positive: the column says yes or no'
    counts = found.counts
    k = int(np.argmin(counts))
    if len(set(counts)) == 1:
        return found.classes[-1], (
            f'"{found.classes[-1]}" is taken as positive: both are equally frequent, it comes last'
        )
    share = counts[k] / sum(counts)
    return found.classes[k], f'"{found.classes[k]}" is taken as positive: the rarer ({share:.0%})'


def _named_positive(column: Column, found: Target, positive: str) -> str:
    labels = label_map(column, found)
    if positive.strip() in labels:
        return labels[positive.strip()]
    near = nearest(positive, found.classes)
    raise HeldoutError(
        "H255",
        f'"{column.name}" has no class "{positive}"',
        seen=f"its classes are {' and '.join(found.classes)}",
        why="the positive class is the one that is looked for",
        do=[f'--positive "{near or found.classes[-1]}"'],
    )


def _questions(suggestion: Guess, column: Column, found: Target, kind: str) -> tuple[str, ...]:
    """What only the user can answer; kept as assumptions."""
    asked = list(suggestion.questions)
    if found.missing:
        share = found.missing / found.rows
        asked.append(
            f"`{column.name}` is missing in {count(found.missing)} rows ({share:.1%}): they are "
            "left out. Are they missing by chance?"
        )
    if kind == "multiclass":
        rare = [c for c, n in zip(found.classes, found.counts, strict=True) if n < 10]
        if rare:
            shown = ", ".join(rare[:5]) + (" ..." if len(rare) > 5 else "")
            asked.append(
                f"{plural(len(rare), 'class', 'classes')} of `{column.name}` with fewer than 10 "
                f"rows ({shown}): nothing can be claimed for them. Should they be merged?"
            )
    return tuple(asked)


def _join(*parts: str) -> str:
    return "; ".join(p for p in parts if p)
