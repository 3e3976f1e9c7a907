"""``heldout monitor BUNDLE DATA``: a table, chunk by chunk, against the reference of a bundle."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from heldout.bundle import Bundle
from heldout.core.arrays import Bools, Doubles
from heldout.core.errors import HeldoutError
from heldout.monitor.compare import ALPHA, Report, look
from heldout.monitor.labeled import joined, known_columns, labeled
from heldout.monitor.seen import Labeled
from heldout.monitor.window import Window
from heldout.tables.answering import Chunk, chunks
from heldout.tables.schema import Schema
from heldout.tables.table import Columns
from heldout.tasks.task import Task


def watch_table(
    bundle: Bundle,
    source: Any,
    *,
    rename: Mapping[str, str] | None = None,
    alpha: float = ALPHA,
    unimportant: Collection[str] = (),
    trained: Callable[[Columns], Bools] | None = None,
) -> Report:
    """Compare a path or a frame with training. Where it holds the target, the rows are scored.

    A missing column is an alarm, not an error: the others are compared, without predictions.
    ``trained`` says which rows the model was fitted on (rows,): their columns are compared, but
    what the model answers them, and how rightly, says nothing about new rows.
    """
    window = Window(bundle.reference, bundle.schema)
    schema, missing = _present(bundle.schema, source, rename)
    answers = _Answers(bundle, trained)
    first = True
    for chunk in chunks(source, schema, rename=rename):
        if first:
            window.header([n for n in chunk.extra.columns if n not in bundle.task.targets])
            first = False
        _refused(window, chunk)
        if len(chunk.accepted):
            window.add(chunk.columns)
            if not missing:
                window.add({}, answers.add(chunk))
    outputs, only = outputs_of(bundle.task)
    return look(
        window.seen(outputs, answers.labeled(), only),
        alpha=alpha,
        unimportant=unimportant,
        source=name_of(source),
        bundle=bundle.path.name if bundle.path is not None else "",
        fitted=answers.fitted,
    )


class _Answers:
    """What the model answers rows that it was not fitted on, and what is known about them."""

    def __init__(self, bundle: Bundle, trained: Callable[[Columns], Bools] | None) -> None:
        self.bundle = bundle
        self.trained = trained
        self.fitted = 0
        self._y: list[Doubles] = []
        self._predictions: list[Doubles] = []
        self._strange: Counter[str] = Counter()

    def add(self, chunk: Chunk) -> Doubles:
        """Predictions (rows, outputs) of the new rows; labels are kept where there are any."""
        found = prediction_of(self.bundle.run(chunk.columns))
        new = np.ones(len(found), dtype=bool)
        if self.trained is not None:
            new = ~self.trained(chunk.columns)
        self.fitted += int((~new).sum())
        targets = self.bundle.task.targets
        if all(target in chunk.extra.columns for target in targets):
            y, odd = known_columns(self.bundle.task, [chunk.labels(t).to_list() for t in targets])
            self._y.append(y[new])
            self._predictions.append(found[new])
            self._strange.update(odd)
        return found[new]

    def labeled(self) -> Labeled | None:
        """The score of the labeled ones."""
        if not self._y:
            return None
        return labeled(
            self.bundle.task,
            self.bundle.manifest.get("verdict") or {},
            self.bundle.manifest.get("baseline") or {},
            joined(self._y),
            joined(self._predictions),
            threshold=self.bundle.threshold,
            strange=self._strange,
        )


def prediction_of(outputs: Mapping[str, Any]) -> Doubles:
    """Probabilities (rows, classes) or values (rows, 1) of a graph's outputs."""
    found = outputs["probability"] if "probability" in outputs else outputs["prediction"]
    return np.asarray(found, dtype=np.float64)


def outputs_of(task: Task) -> tuple[list[str], int | None]:
    """Names of the outputs; of two classes only the positive one is watched."""
    if task.parts:
        of = "probability of" if task.is_multilabel else "predicted"
        return [f"{of} {task.output_words(j)}" for j in range(task.outputs)], None
    if not task.is_classification:
        return [f"predicted {task.target}"], None
    names = [f"probability of {label}" for label in task.classes]
    return names, task.positive_code if task.kind == "binary" else None


def name_of(source: Any) -> str:
    """The file's name, or "the frame"."""
    return Path(source).name if isinstance(source, (str, os.PathLike)) else "the frame"


def _refused(window: Window, chunk: Chunk) -> None:
    for refusal in chunk.refused:
        window.refuse(refusal.column, refusal.expected)
    window.refuse_rows(chunk.rows - len(chunk.accepted))


def _present(
    schema: Schema, source: Any, rename: Mapping[str, str] | None
) -> tuple[Schema, list[str]]:
    """The schema without the columns that the source lacks, and their names."""
    try:
        next(chunks(source, schema, rename=rename, rows=1), None)
    except HeldoutError as error:
        if error.code != "H310":
            raise
        from heldout.tables.read import read_raw

        names = {(rename or {}).get(n, n) for n in read_raw(source).frame.columns}
        missing = [c.name for c in schema.inputs if c.name not in names]
        if len(missing) == len(schema.inputs):
            raise
        return Schema(tuple(c for c in schema if c.name not in missing)), missing
    return schema, []
