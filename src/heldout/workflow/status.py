"""``heldout status RUN``: the steps of the workflow, the decision at each, the next action."""

from __future__ import annotations

from pathlib import Path

from heldout.core.errors import HeldoutError
from heldout.core.names import quoted
from heldout.report.record import RunRecord
from heldout.workflow.told import Told, lines

STEPS = (
    ("read", "Read"),
    ("define", "Define"),
    ("plan", "Protocol"),
    ("audit", "Look"),
    ("baseline", "Baseline"),
    ("leaderboard", "Scale"),
    ("ensemble", "Tune"),
    ("crossval", "Validate"),
    ("refit", "Refit"),
    ("parity", "Compare"),
    ("verdict", "Test once"),
    ("finish", "Finish"),
)


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
    """Each step with its decision and reason; what comes next."""
    folder = run_folder(run)
    record = RunRecord.from_journal(folder / "journal.jsonl")
    rows: list[tuple[str, str]] = []
    values = []
    for step, label in STEPS:
        entry = record.entry(step)
        if entry is None:
            rows.append((label, "not done"))
            continue
        why = f"\n{entry.reason}" if entry.reason else ""
        how = f"\noverrule: {entry.overrule}" if entry.overrule else ""
        rows.append((label, f"{entry.decision}{why}{how}"))
        values.append({"step": step, "decision": entry.decision, "reason": entry.reason})
    action = _next(record, folder)
    rows.append(("Next", action))
    return Told(lines(rows), {"run": str(folder), "steps": values, "next": action})


def _next(record: RunRecord, folder: Path) -> str:
    if not record.finished:
        start = record.numbers("start")
        return f"the same command goes on: {start.get('command', 'heldout run ...')}"
    if record.task.get("kind") == "forecast":
        return f"heldout predict {quoted(folder)} --out forecast.csv"
    if record.numbers("finish").get("signal"):
        return f"heldout serve {quoted(folder)}"
    return "look for columns recorded before the outcome, then run again"
