"""``heldout monitor BUNDLE LOG``: the prediction log of the service (joints 14).

SQLite tables ``predictions(id, at, model_digest, inputs, outputs, refused)`` and ``labels(id,
value, at)``; opened read-only. A log without inputs (``--log-inputs no``) still tells whether the
answers have drifted.
"""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from heldout.bundle import Bundle
from heldout.bundle.edge import Edge
from heldout.core.arrays import Array, Doubles
from heldout.core.errors import HeldoutError
from heldout.core.names import count
from heldout.monitor.compare import ALPHA, Report, look
from heldout.monitor.labeled import known, labeled, periods
from heldout.monitor.seen import Labeled
from heldout.monitor.table import outputs_of
from heldout.monitor.window import Window
from heldout.tasks.task import Task

MAGIC = b"SQLite format 3\x00"
BATCH = 5_000


@dataclass(frozen=True)
class Logged:
    """One row of the log."""

    id: str
    at: str
    inputs: Mapping[str, Any] | None
    outputs: Mapping[str, Any] | None
    refused: str


def is_log(path: str | Path) -> bool:
    """Whether a file is an SQLite database."""
    file = Path(path)
    if not file.is_file():
        return False
    with file.open("rb") as opened:
        return opened.read(len(MAGIC)) == MAGIC


def watch_log(
    bundle: Bundle,
    log: str | Path,
    *,
    labels: str | Path | None = None,
    alpha: float = ALPHA,
    unimportant: Collection[str] = (),
) -> Report:
    """Compare what the service was asked and answered with training; H703, H704 for a log that
    cannot be used. ``labels``: a CSV of ids and values, besides those in the log."""
    path = Path(log)
    window = Window(bundle.reference, bundle.schema)
    edge = Edge(bundle.schema)
    truth = {**stored_labels(path), **(_labels_file(labels) if labels else {})}
    ids: list[str] = []
    times: list[str] = []
    answers: list[Doubles] = []
    for batch in batches(path, bundle.digest):
        columns = _columns(batch, edge, window)
        told = [(r, answer(r.outputs, bundle.task)) for r in batch if not r.refused]
        good = [(r, a) for r, a in told if a is not None]
        predictions = np.array([a for _, a in good]) if good else None
        window.rows += len(good) if columns is None else 0
        window.add(columns or {}, predictions)
        ids += [r.id for r, _ in good]
        times += [r.at for r, _ in good]
        answers += [a for _, a in good if a is not None]
    _must_have_rows(path, bundle, window.rows + window.refused)
    found, over_time = _scored(bundle, truth, ids, times, answers)
    outputs, only = outputs_of(bundle.task)
    return look(
        window.seen(outputs, found, only),
        alpha=alpha,
        unimportant=unimportant,
        source=path.name,
        bundle=bundle.path.name if bundle.path is not None else "",
        periods=over_time,
    )


def _scored(
    bundle: Bundle,
    truth: Mapping[str, str | None],
    ids: list[str],
    times: list[str],
    answers: list[Doubles],
) -> tuple[Labeled | None, list[dict[str, Any]]]:
    """The score of rows whose answer became known, together and over time."""
    if not any(i in truth for i in ids):
        return None, []
    y, strange = known(bundle.task, [truth.get(i) for i in ids])
    predictions = np.array(answers)
    verdict = bundle.manifest.get("verdict") or {}
    baseline = bundle.manifest.get("baseline") or {}
    found = labeled(
        bundle.task, verdict, baseline, y, predictions, threshold=bundle.threshold, strange=strange
    )
    if found is None:
        return None, []
    metric = found.score.metric
    return found, periods(bundle.task, metric, y, predictions, times, threshold=bundle.threshold)


def batches(path: Path, digest: str) -> Iterator[list[Logged]]:
    """What the model of this digest was asked, by time; H201, H703 for what is no log."""
    with closing(_connect(path)) as connection:
        cursor = connection.execute(
            "SELECT id, at, inputs, outputs, refused FROM predictions "
            "WHERE model_digest = ? ORDER BY at, id",
            (digest,),
        )
        while rows := cursor.fetchmany(BATCH):
            yield [
                Logged(str(i), str(at), _object(asked), _object(told), str(refused or ""))
                for i, at, asked, told, refused in rows
            ]


def _connect(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        raise HeldoutError(
            "H201",
            f"there is no file {path}",
            why="the prediction log is what the watch reads",
            do=["heldout serve RUN --log FILE writes one"],
        )
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=5.0)
        names = {r[0] for r in connection.execute("SELECT name FROM sqlite_master")}
    except sqlite3.Error as error:
        raise _no_log(path, str(error)) from error
    if "predictions" not in names:
        connection.close()
        raise _no_log(path, f"tables: {', '.join(sorted(names)) or 'none'}")
    return connection


def _no_log(path: Path, seen: str) -> HeldoutError:
    return HeldoutError(
        "H703",
        f"{path.name} is no prediction log",
        seen=seen,
        why="a log is an SQLite file with the table `predictions`, as the service writes it",
        do=["heldout monitor BUNDLE DATA takes a table as well"],
    )


def _must_have_rows(path: Path, bundle: Bundle, rows: int) -> None:
    if rows:
        return
    with closing(_connect(path)) as connection:
        others = connection.execute("SELECT count(*) FROM predictions").fetchone()[0]
    raise HeldoutError(
        "H704",
        f"{path.name} holds no prediction of this bundle",
        seen=f"{count(others)} predictions of other models; this one is {bundle.digest[:12]}",
        why="answers of another model say nothing about this one",
        do=["name the bundle that the service ran with"],
    )


def _columns(batch: list[Logged], edge: Edge, window: Window) -> dict[str, Array] | None:
    """Typed columns of the rows that were answered; refused cells are counted."""
    made: list[dict[str, Array]] = []
    for row in batch:
        if row.refused:
            window.refuse_rows(1)
        if row.inputs is None:
            continue
        record = {c.name: row.inputs.get(c.name) for c in edge.schema.inputs}
        columns, refused = edge.row(record)
        for refusal in refused:
            window.refuse(refusal.column, refusal.expected)
        if not row.refused and not refused:
            made.append(columns)
    if not made:
        return None
    return {name: np.concatenate([m[name] for m in made]) for name in made[0]}


def answer(outputs: Mapping[str, Any] | None, task: Task) -> Doubles | None:
    """Outputs of one row in the order of the graph; None where they cannot be read."""
    if outputs is None:
        return None
    if task.parts:
        return _of_targets(outputs, task)
    if task.is_classification:
        given = outputs.get("probability")
        if not isinstance(given, Mapping) or any(given.get(c) is None for c in task.classes):
            return None
        return np.array([float(given[c]) for c in task.classes])
    value = outputs.get("prediction")
    return None if value is None else np.array([float(value)])


def _of_targets(outputs: Mapping[str, Any], task: Task) -> Doubles | None:
    """Of several targets: a probability or a value for each."""
    given = outputs.get("probability" if task.is_multilabel else "prediction")
    if not isinstance(given, Mapping) or any(given.get(t) is None for t in task.targets):
        return None
    return np.array([float(given[t]) for t in task.targets])


def _object(text: object) -> Mapping[str, Any] | None:
    try:
        found = json.loads(str(text)) if text is not None else None
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def stored_labels(path: Path) -> dict[str, str | None]:
    """The last label of each id."""
    with closing(_connect(path)) as connection:
        try:
            rows = connection.execute("SELECT id, value FROM labels ORDER BY at").fetchall()
        except sqlite3.Error:
            return {}
    return {str(i): None if v is None else str(v) for i, v in rows}


def _labels_file(path: str | Path) -> dict[str, str | None]:
    """A CSV whose columns are called id and value, or whose first two are."""
    file = Path(path)
    try:
        if not file.exists():
            raise HeldoutError(
                "H201",
                f"there is no file {file}",
                seen=f"--labels {file}",
                why="answers that are known by now are read from it",
                do=["check the path; the file is a CSV with the columns id and value"],
            )
        with file.open(newline="", encoding="utf-8-sig") as opened:
            rows = [row for row in csv.reader(opened) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _bad_labels(file, str(error)) from error
    if not rows or len(rows[0]) < 2:
        raise _bad_labels(file, f"{len(rows)} rows, {len(rows[0]) if rows else 0} columns")
    head = [name.strip().lower() for name in rows[0]]
    at = head.index("id") if "id" in head else 0
    value = head.index("value") if "value" in head else int(at == 0)
    return {row[at]: row[value] for row in rows[1:] if len(row) > max(at, value)}


def _bad_labels(file: Path, seen: str) -> HeldoutError:
    return HeldoutError(
        "H705",
        f"{file.name} holds no labels",
        seen=seen,
        why="labels are joined to predictions by the id that the service gave to each",
        do=["write a CSV with the columns id and value"],
    )
