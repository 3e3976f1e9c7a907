"""The target as classes and values: texts in, codes out, by one rule here and in the bundle."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from heldout.core.arrays import Doubles, Ints
from heldout.core.errors import HeldoutError
from heldout.tables.schema import NULL, Column
from heldout.tables.table import Table
from heldout.tasks.task import Task


@dataclass(frozen=True)
class Target:
    """A read target. ``classes`` are its distinct texts in order (numbers by size, else by text);
    ``codes`` (rows,) index them, -1 where missing; ``counts`` rows of each class; ``values``
    (rows,) float64, NaN where missing or where the target is not a number."""

    classes: tuple[str, ...]
    codes: Ints
    counts: tuple[int, ...]
    values: Doubles
    numeric: bool

    @property
    def rows(self) -> int:
        """All rows, those without a target too."""
        return len(self.codes)

    @property
    def missing(self) -> int:
        """Rows without a target."""
        return int((self.codes < 0).sum())


def number_text(value: float) -> str:
    """How a number is written as a class.

    >>> number_text(3.0), number_text(0.5)
    ('3', '0.5')
    """
    return str(int(value)) if value == int(value) and abs(value) < 2**53 else repr(float(value))


def read_target(table: Table, column: Column) -> Target:
    """Classes, codes and values of the target column. Raises H256 for kinds without either."""
    values = table.arrays([column.name])[column.name]
    if column.kind in ("category", "text"):
        texts = np.array([str(v).strip() for v in values], dtype=object)
        known = (values != NULL) & (texts != "")
        distinct, place = np.unique(texts[known], return_inverse=True)
        classes = tuple(str(t) for t in distinct)
        floats = np.full(len(texts), np.nan)
    elif column.kind in ("number", "boolean"):
        floats = np.where(np.isfinite(values), values, np.nan).astype(np.float64)
        known = ~np.isnan(floats)
        distinct, place = np.unique(floats[known] + 0.0, return_inverse=True)
        classes = tuple(_number_classes(column, distinct))
    else:
        raise HeldoutError(
            "H256",
            f'"{column.name}" is a column of kind {column.kind}, which cannot be a target',
            seen=column.reason or f"kind {column.kind}",
            why="a target is a class or a number",
            do=[f"--type {column.name}=number or --type {column.name}=category"],
        )
    codes = np.full(len(known), -1, dtype=np.int64)
    codes[known] = place.reshape(-1)
    counts = np.bincount(codes[known], minlength=len(classes))
    if column.kind == "boolean":  # order by text, as for every class
        order = sorted(range(len(classes)), key=lambda i: classes[i])
        rank = np.argsort(order)
        codes[known] = rank[codes[known]]
        classes, counts = tuple(classes[i] for i in order), counts[order]
    return Target(classes, codes, tuple(int(c) for c in counts), floats, column.kind == "number")


def _number_classes(column: Column, distinct: Doubles) -> Iterable[str]:
    if column.kind == "boolean" and len(column.levels) == 2:
        return [column.levels[int(v)].strip() for v in distinct]
    return [number_text(float(v)) for v in distinct]


def label_map(column: Column, found: Target) -> dict[str, str]:
    """Every text of the target and its class; numbers as they are usually written too."""
    labels = {c: c for c in found.classes}
    if found.numeric:
        for c in found.classes:
            if c.lstrip("-").isdigit():
                labels[f"{c}.0"] = c
                labels[f"{c}."] = c
    if column.kind == "boolean":
        labels.update({w.strip(): w.strip() for w in column.levels if w.strip() in labels})
    return labels


def read_labels(task: Task, texts: Sequence[object]) -> tuple[Doubles, tuple[str, ...]]:
    """Truth from the texts of a labelled file, by the task's own text rules (``evaluate``).

    Returns (rows,) float64 class codes or values, NaN where empty or not known, and the texts
    that are neither empty nor known, each once.
    """
    y = np.full(len(texts), np.nan)
    code = {c: float(i) for i, c in enumerate(task.classes)}
    numbers = {float(c): k for c, k in code.items() if is_number(c)}
    strange: dict[str, None] = {}
    for i, cell in enumerate(texts):
        text = "" if cell is None else str(cell).strip()
        if text in ("", NULL):
            continue
        if task.is_classification:
            if text in task.labels:
                y[i] = code[task.labels[text]]
                continue
            if is_number(text) and float(text) in numbers:
                y[i] = numbers[float(text)]
                continue
        elif is_number(text):
            y[i] = float(text)
            continue
        strange[text] = None
    return y, tuple(strange)


def read_label_columns(
    task: Task, columns: Sequence[Sequence[object]]
) -> tuple[Doubles, tuple[str, ...]]:
    """The same for several targets, one sequence of texts for each: (rows, targets), NaN
    throughout a row that misses one."""
    each = [read_labels(part, texts) for part, texts in zip(task.parts, columns, strict=True)]
    y = np.stack([found for found, _ in each], axis=1)
    gone = np.isnan(y).any(axis=1, keepdims=True)
    strange = dict.fromkeys(
        f"{part.target}: {text}"
        for part, (_, odd) in zip(task.parts, each, strict=True)
        for text in odd
    )
    return np.where(gone, np.nan, y), tuple(strange)


def is_number(text: str) -> bool:
    """Whether the text says a finite number."""
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
