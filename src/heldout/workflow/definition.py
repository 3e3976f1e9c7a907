"""``heldout define DATA``: every question of the definition of a task, answered from the data
where it can be, written as a specification that ``heldout run --config`` takes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from heldout.core import files
from heldout.core.arrays import Doubles
from heldout.core.errors import HeldoutError
from heldout.core.names import count, plural, quoted
from heldout.tables import unnamed
from heldout.tables.table import Table
from heldout.tasks.state import encode
from heldout.tasks.task import Task
from heldout.workflow.assumptions import hypotheses
from heldout.workflow.define import load, stated, with_label
from heldout.workflow.questions import QUESTIONS
from heldout.workflow.spec import Spec, resolve
from heldout.workflow.told import Told, lines


def define_file(said: Mapping[str, Any], config: Path | None, out: str | None) -> Told:
    """Write the specification; the open questions."""
    spec = with_label(resolve(said, config))
    table = load(spec.data, spec)
    task = stated(table, spec) if spec.target else None
    path = Path(out or "spec.yaml")
    if path.exists() and config is None:
        raise HeldoutError(
            "H106",
            f"{path} is there already",
            seen="it may hold answers that somebody wrote",
            why="an answer of a person is not written over",
            do=[
                f"--out another.yaml, or go on from it: --config {quoted(path)} --out {quoted(path)}"
            ],
        )
    files.write(path, text(spec, table, task))
    still = open_questions(spec, table, task)
    rows = [("Written", str(path))]
    pair = spec.definition.get("annotators")
    if pair:
        rows.append(("Labels", annotators(table, list(pair))))
    if task is not None:
        rows.append(("Task", f"{task.kind}: predict {task.target}, judged by {task.metric}"))
        rows.append(("", task.reason))
    rows += [("Open" if i == 0 else "", ask) for i, (_, ask) in enumerate(still)]
    command = f"heldout run --config {quoted(path)}"
    rows.append(("Next", f"answer in {path} what you can, then {command}"))
    values = {
        "spec": str(path),
        "task": None if task is None else task.as_dict(),
        "open": [{"question": key, "ask": ask} for key, ask in still],
        "hypotheses": [] if task is None else hypotheses(task),
    }
    return Told(lines(rows), values)


def open_questions(spec: Spec, table: Table, task: Task | None) -> list[tuple[str, str]]:
    """Key and words of what only the person can answer."""
    if task is None:
        return [
            ("target", f"Which column is to be predicted? {', '.join(table.schema.names[:12])}")
        ]
    said = set(spec.definition)
    said |= {"existing_how"} if spec.existing else set()
    said |= {"errors"} if spec.cost or task.kind != "binary" else set()
    said |= {"limits"} if spec.limits else set()
    asked = [(q.key, q.ask) for q in QUESTIONS if q.key not in said]
    return [*asked, *(("data", q) for q in task.questions)]


def text(spec: Spec, table: Table, task: Task | None) -> str:
    """The file: what was said and seen, then the questions with their options as comments."""
    made = [f"# Definition of the task on {Path(spec.data).name}. heldout run --config takes it."]
    made += [f"data: {_yaml(spec.data)}", f"target: {_yaml(spec.target)}"]
    if task is not None:
        made += _task(spec, table, task)
    skip = {"data", "target", "task", "metric", "positive", "unit", "definition"}
    rest = {k: v for k, v in spec.as_dict().items() if k not in skip}
    made += [f"{name}: {_yaml(value)}" for name, value in rest.items()]
    made += ["", "# How is it solved today? A column of old answers, or a rule; it is scored too."]
    made += [] if spec.existing else ["# existing: where(COLUMN > 3, 1, 0)"]
    made += ["# No model may break one of these; what is left out is in the journal."]
    made += [] if spec.limits else ["# limits: {latency_ms: 5, size_mb: 1, explainable: yes}"]
    if task is not None and task.kind == "binary" and not spec.cost:
        made += ["# What does each kind of error cost?", "# cost: {miss: 5, alarm: 1}"]
    made += ["", "# What stays unanswered is an assumption on the report.", "definition:"]
    made += _questions(spec, table)
    return "\n".join(made) + "\n"


def _task(spec: Spec, table: Table, task: Task) -> list[str]:
    """What is predicted for what unit, and the two hypotheses."""
    made = [
        f"task: {task.kind}  # {_line(task.reason)}",
        f"metric: {task.metric}  # {_why(task, table)}",
    ]
    if task.positive is not None:
        made.append(f"positive: {_yaml(task.positive)}  # the class that is looked for")
    made.append(f"unit: {_yaml(spec.unit)}  # what one row is: customer, patient, hour ...")
    made += [f"# hypothesis {h['name']}: {_line(h['text'])} (open)" for h in hypotheses(task)]
    advice, why = kind_of_model(table, task)
    return [*made, f"# kind of model: {advice}; {why}"]


def _why(task: Task, table: Table) -> str:
    """Why this measure: it drives losses, early stopping, threshold and choice (TASK-10, 11)."""
    y = encode(task, table)
    if task.parts:
        return _why_several(task, y)
    if not task.is_classification:
        return "in the unit of the target; it drives loss, early stopping and choice"
    known = y[~np.isnan(y)].astype(np.int64)
    share = np.bincount(known, minlength=len(task.classes)).min() / max(1, len(known))
    balance = "balanced" if share >= 0.8 / len(task.classes) else "not balanced"
    beside = ", ".join(m for m in task.card.metrics if m != task.metric)
    return f"classes are {balance}: the rarest is {100 * share:.3g} %; beside it: {beside}"


def _why_several(task: Task, y: Doubles) -> str:
    beside = ", ".join(m for m in task.card.metrics if m != task.metric)
    if not task.is_multilabel:
        return f"mean over the targets, in standard deviations of each; beside it: {beside}"
    shares = np.nanmean(y, axis=0)
    j = int(np.argmin(np.minimum(shares, 1 - shares)))
    part, share = task.parts[j], min(shares[j], 1 - shares[j])
    rarest = part.positive if shares[j] <= 0.5 else part.classes[0]
    return (
        f"mean over the labels; the rarest, {part.target} = {rarest}, is {100 * share:.3g} %; "
        f"beside it: {beside}"
    )


def kind_of_model(table: Table, task: Task) -> tuple[str, str]:
    """Which family the data ask for, and why (TASK-14, TASK-15)."""
    kinds = {c.kind for c in table.schema.inputs}
    if "image" in kinds:
        return "convolutional network", "pictures: what is near in them belongs together"
    if task.kind == "forecast":
        return "trees and linear models on lags", "one series after the other, few rows each"
    if table.rows < 1_000:
        return (
            "linear model or trees, no network",
            f"{plural(table.rows, 'row')} are few: readable models reach their optimum surely",
        )
    if kinds == {"text"}:
        return (
            "linear model on words, no network",
            "texts: which words stand there says most; their order would need a recurrent or "
            "attention network, or one trained on many other texts",
        )
    return (
        "boosted trees, beside them linear models and a dense network",
        "a table: no order among its columns that convolutions or recurrence could use",
    )


def _questions(spec: Spec, table: Table) -> list[str]:
    made = []
    for question in QUESTIONS:
        if question.key in ("errors", "limits"):
            continue  # asked above, with fields of their own
        made.append(f"  # {question.ask}")
        made += [f"  #   {word}: {what}" for word, what in (question.options or {}).items()]
        if question.key == "available":
            told = spec.definition.get("available") or {}
            made.append("  available:")
            made += [
                f"    {_yaml(c.name)}: {told.get(c.name, '')}{'' if c.name in told else '  '}# {_line(c.reason or c.kind)}"
                for c in table.schema.inputs
            ]
            continue
        said = spec.definition.get(question.key)
        made.append(f"  {question.key}: {'' if said is None else _yaml(said)}".rstrip())
    return made


def _yaml(value: Any) -> str:
    """A value on one line of YAML: JSON is YAML."""
    return json.dumps(value, ensure_ascii=False) if value != "" else '""'


def _line(words: str) -> str:
    """Words of the data on one line, so that a comment stays a comment."""
    return " ".join(words.split())[:120]


def agreement(a: list[str], b: list[str]) -> float:
    """Cohen's kappa: agreement of two people beyond what chance gives (TASK-07).

    >>> agreement(["y", "y", "n", "n"], ["y", "n", "n", "n"])
    0.5
    """
    labels = sorted({*a, *b})
    seen = np.mean([x == y for x, y in zip(a, b, strict=True)])
    chance = sum(
        np.mean([x == label for x in a]) * np.mean([y == label for y in b]) for label in labels
    )
    return float((seen - chance) / (1 - chance)) if chance < 1 else 1.0


def annotators(table: Table, names: list[str]) -> str:
    """Two columns of answers to the same rows, in words."""
    left, right = (
        unnamed.column(table.frame, table.schema[n].name).cast(pl.String).to_list() for n in names
    )
    both = [(x, y) for x, y in zip(left, right, strict=True) if x is not None and y is not None]
    kappa = agreement([x for x, _ in both], [y for _, y in both])
    return f"{' and '.join(names)} agree on {count(len(both))} rows with kappa {kappa:.3f}"
