"""``heldout status RUN``: the steps of the workflow, the decision at each, the next action."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from heldout.core.errors import HeldoutError
from heldout.core.journal import Entry
from heldout.core.names import quoted
from heldout.report.record import RunRecord
from heldout.tables.address import shown
from heldout.workflow.told import Told, lines

STEPS = (
    ("read", "Read"),
    ("define", "Define"),
    ("plan", "Protocol"),
    ("audit", "Look"),
    ("baseline", "Baseline"),
    ("existing", "Existing"),
    ("ladder", "Capacity"),
    ("leaderboard", "Scale"),
    ("limits", "Limits"),
    ("ensemble", "Tune"),
    ("calibrate", "Calibrate"),
    ("threshold", "Threshold"),
    ("conformal", "Promise"),
    ("crossval", "Validate"),
    ("audit_again", "Look again"),
    ("refit", "Refit"),
    ("parity", "Compare"),
    ("verdict", "Test once"),
    ("hypotheses", "Hypotheses"),
    ("causes", "Causes"),
    ("refit_all", "Refit all"),
    ("assumptions", "Assumed"),
    ("finish", "Finish"),
)
SOMETIMES = {
    "existing", "ladder", "limits", "calibrate", "threshold", "conformal", "audit_again", "hypotheses", "causes",
    "refit_all", "assumptions",
}  # fmt: skip
WIDTH = 12


def run_folder(run: str) -> Path:
    """The folder of a run: the path itself, or the folder that a bundle or journal lies in."""
    path = Path(run)
    folder = path if path.is_dir() else path.parent
    if not (folder / "journal.jsonl").exists():
        raise HeldoutError(
            "H201",
            f"there is no run in {run}",
            seen=f"no journal.jsonl in {folder}",
            why="the journal is the record of the run",
            do=["heldout run DATA --target COLUMN --out " + quoted(run)],
        )
    return folder


def status_of(run: str) -> Told:
    """Each step with its decision, reason and how to overrule it; what is assumed; what comes next."""
    folder = run_folder(run)
    record = RunRecord.from_journal(folder / "journal.jsonl")
    rows: list[tuple[str, str]] = []
    values = []
    for step, label in STEPS:
        entry = record.entry(step)
        if entry is None:
            rows += [] if step in SOMETIMES else [(label, "not done")]
            continue
        rows.append((label, _said(step, entry, record)))
        values.append(
            {
                "step": step,
                "decision": entry.decision,
                "reason": entry.reason,
                "overrule": entry.overrule,
            }
        )
    action = _next(record, folder)
    rows.append(("Next", action))
    told: dict[str, Any] = {"run": str(folder), "finished": record.finished, "steps": values}
    told["hypotheses"] = _listed(record, "hypotheses")
    told["assumptions"] = _listed(record, "assumptions")
    told["existing"] = dict(record.numbers("existing"))
    told["limits"] = dict(record.numbers("limits"))
    return Told(lines(rows, WIDTH), {**told, "next": action})


def _said(step: str, entry: Entry, record: RunRecord) -> str:
    """Decision, reason, how to overrule it; a list where the step is one."""
    parts = [entry.decision]
    if step == "assumptions":
        parts += [f"- {row.get('text', '')}" for row in _listed(record, step)]
    elif step == "hypotheses":
        parts = [
            f"{row.get('state', 'open')}: {row.get('text', '')}" for row in _listed(record, step)
        ]
        parts.append(entry.reason if record.finished else "")
    elif step == "limits":
        lost = [e for e in record.all(step) if e is not entry]
        parts += [f"{e.decision}: {e.reason}" for e in lost]
    else:
        parts.append(entry.reason)
    parts.append(f"overrule: {entry.overrule}" if entry.overrule else "")
    return "\n".join(p for p in parts if p)


def _listed(record: RunRecord, step: str) -> list[dict[str, Any]]:
    found = record.numbers(step).get(step) or ()
    return [dict(row) for row in found]


def _next(record: RunRecord, folder: Path) -> str:
    start = record.numbers("start")
    if not record.finished:
        return f"the same command goes on: {start.get('command', 'heldout run ...')}"
    if record.task.get("kind") == "forecast":
        return f"heldout predict {quoted(folder)} --out forecast.csv"
    if record.numbers("finish").get("signal"):
        return f"heldout serve {quoted(folder)}"
    data, target = shown(str(start.get("source") or "DATA")), record.task.get("target") or "COLUMN"
    look = f"heldout inspect {quoted(data)} --target {quoted(target)}"
    return f"look for columns recorded before the outcome ({look}), then run again"
