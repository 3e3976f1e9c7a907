"""``heldout explain``: what drives the model, and why one row is answered as it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from heldout.bundle import Bundle, load
from heldout.bundle.edge import row as typed_row
from heldout.core.errors import HeldoutError
from heldout.core.names import plural, quoted
from heldout.explain.told import explain_row
from heldout.report.record import RunRecord
from heldout.tables.answering import chunks
from heldout.workflow.status import run_folder
from heldout.workflow.told import Told, lines

SHOWN = 10


def why(run: str, row: str | None, data: str | None, target: str | None = None) -> Told:
    """Importance of the columns of a run; with ``row`` the contributions of one answer."""
    if row is not None:
        return _one(run, row, data, target)
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


def _one(run: str, row: str, data: str | None, target: str | None) -> Told:
    loaded = load(run)
    columns = _columns(loaded, row, data)
    found, task = explain_row(loaded, columns, target), loaded.task
    told = {
        "output": found.output,
        "prediction": found.answer,
        "base": found.base,
        "columns": [
            {"column": r.column, "contribution": r.effect, "error": r.error, "value": r.value}
            for r in found.reasons
        ],
    }
    what = f"probability of {found.output}" if task.is_likely else found.output
    shown = [r for r in found.reasons[:SHOWN] if r.effect]
    width = max([len(r.column) for r in shown] + [8]) + 2
    rows = [
        ("Answer", f"{what}: {found.answer:.4g}; ordinary rows get {found.base:.4g} on average")
    ]
    if task.parts and target is None:
        others = ", ".join(task.targets[1:6])
        rows.append(("Others", f"the first of {len(task.parts)} targets; --target for {others}"))
    rows += [(r.column, f"{_signed(r.effect)}   because it is {r.words}") for r in shown]
    rest = sum(r.effect for r in found.reasons if r not in shown)
    if len(found.reasons) > len(shown):
        rows.append(
            ("others", f"{_signed(rest)}   {plural(len(found.reasons) - len(shown), 'column')}")
        )
    rows.append(("", "The numbers add up to the answer. They say what moves it, not what would "
                     "change the outcome."))  # fmt: skip
    return Told(lines(rows, width), told)


def _signed(effect: float) -> str:
    return f"{effect:+.4g}".ljust(10)


def _columns(loaded: Bundle, row: str, data: str | None) -> dict[str, Any]:
    """The typed row: from JSON, or by its number in a file."""
    if row.lstrip().startswith("{"):
        try:
            record = json.loads(row)
        except json.JSONDecodeError as error:
            raise HeldoutError(
                "H101",
                "ROW is not a JSON object",
                seen=str(error),
                why="a row is given as names and values, or by its number",
                do=['ROW like \'{"a": 1.5, "b": null}\', or a number with --data FILE'],
            ) from error
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
    for chunk in chunks(data, loaded.schema, bundle=str(loaded.path)):
        at = (chunk.accepted == number).nonzero()[0]
        if len(at):
            return {n: v[at] for n, v in chunk.columns.items()}
    raise HeldoutError(
        "H102",
        f"{Path(data).name} has no row {number} that can be answered",
        why="rows count from 0; a refused row cannot be explained",
    )
