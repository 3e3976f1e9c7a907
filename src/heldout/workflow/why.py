"""``heldout explain``: what drives the model, and why one row is answered as it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from heldout.bundle import Bundle, load
from heldout.bundle.edge import row as typed_row
from heldout.core.errors import HeldoutError
from heldout.core.names import plural, quoted
from heldout.explain.row import explain_row, reference_row
from heldout.report.record import RunRecord
from heldout.tables.answering import chunks
from heldout.workflow.status import run_folder
from heldout.workflow.told import Told, lines
from heldout.workflow.verdict import prediction_of

SHOWN = 10


def why(run: str, row: str | None, data: str | None) -> Told:
    """Importance of the columns of a run; with ``row`` the contributions of one answer."""
    if row is not None:
        return _one(run, row, data)
    record = RunRecord.from_journal(run_folder(run) / "journal.jsonl")
    found = record.numbers("importance")
    if not found:
        raise HeldoutError(
            "H101",
            f"{run} has no importance in its journal",
            seen="the run ended before it was measured",
            why="it is measured on rows that the models had not seen",
            do=[f"heldout status {quoted(run)}"],
        )
    shown = [
        (
            r["column"],
            f"{r['drop']:.4f}"
            + (f"   {r['low']:.4f} to {r['high']:.4f}" if r["low"] is not None else ""),
        )
        for r in found["rows"][:SHOWN]
    ]
    width = max(len(name) for name, _ in shown) + 2
    head = f"How much {found['metric']} worsens when a column is shuffled, on {plural(found['samples'], 'row')}:"
    return Told("\n".join([head, lines(shown, width)]), dict(found))


def _one(run: str, row: str, data: str | None) -> Told:
    loaded = load(run)
    columns = _columns(loaded, row, data)
    task = loaded.task
    output = task.positive_code if task.kind == "binary" else 0
    found = explain_row(
        lambda c: prediction_of(loaded.run(c)),
        columns,
        reference_row(loaded.schema, loaded.reference),
        output,
    )
    told = {
        "prediction": found.answer,
        "reference": found.base,
        "together": found.together,
        "columns": [
            {
                "column": c.column,
                "contribution": c.effect,
                "value": c.value,
                "ordinary": c.reference,
            }
            for c in found.contributions
        ],
    }
    what = f"probability of {task.positive}" if task.kind == "binary" else task.target
    shown = found.contributions[:SHOWN]
    width = max([len(c.column) for c in shown] + [8]) + 2
    rows = [("Answer", f"{what}: {found.answer:.4g}; an ordinary row gets {told['reference']:.4g}")]
    rows += [(c.column, f"{c.effect:+.4g}   {c.value} instead of {c.reference}") for c in shown]
    return Told(lines(rows, width), told)


def _columns(loaded: Bundle, row: str, data: str | None) -> dict[str, Any]:
    """The typed row: from JSON, or by its number in a file."""
    if row.lstrip().startswith("{"):
        try:
            record = json.loads(row)
        except json.JSONDecodeError as error:
            raise HeldoutError("H101", "ROW is not a JSON object", seen=str(error)) from error
        columns, refused = typed_row(record, loaded.schema)
        if refused:
            first = refused[0]
            raise HeldoutError(
                "H311",
                f'column "{first.column}" is refused',
                seen=repr(first.value),
                why=f"expected: {first.expected}",
            )
        return columns
    if data is None or not row.isdigit():
        raise HeldoutError(
            "H101",
            "which row?",
            seen=f"ROW is {row!r}" + ("" if data else ", and no --data was named"),
            why="a row is a JSON object, or a number from 0 together with --data FILE",
            do=[f"heldout explain {loaded.path.parent} 0 --data FILE"],
        )
    number = int(row)
    for chunk in chunks(data, loaded.schema):
        at = (chunk.accepted == number).nonzero()[0]
        if len(at):
            return {n: v[at] for n, v in chunk.columns.items()}
    raise HeldoutError(
        "H102",
        f"{Path(data).name} has no row {number} that can be answered",
        why="rows count from 0; a refused row cannot be explained",
    )
