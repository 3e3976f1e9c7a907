"""Views of the journal that ``heldout report RUN`` writes again (contract 2)."""

from __future__ import annotations

import json
from pathlib import Path

from heldout.core import files
from heldout.report.page import write
from heldout.report.record import RunRecord
from heldout.workflow.status import run_folder


def rebuild(run: str) -> Path:
    """report.html, card.md, findings.json and leaderboard.parquet from the journal."""
    folder = run_folder(run)
    record = RunRecord.from_journal(folder / "journal.jsonl")
    write_findings(folder, record)
    write_leaderboard(folder, record)
    return Path(write(folder))


def write_findings(folder: Path, record: RunRecord) -> None:
    """All findings as JSON."""
    found = list(record.findings)
    files.write(folder / "findings.json", json.dumps(found, ensure_ascii=False, indent=1) + "\n")


def write_leaderboard(folder: Path, record: RunRecord) -> None:
    """Every candidate, best first; no seconds, so that equal runs give equal bytes (joints 18)."""
    import polars as pl

    rows = record.numbers("leaderboard").get("rows", [])
    if not rows:
        return
    frame = pl.DataFrame(
        [{k: v for k, v in row.items() if k not in ("seconds", "cpu_seconds")} for row in rows],
        infer_schema_length=None,
    )
    with files.aside(folder / "leaderboard.parquet") as path:
        frame.write_parquet(path)
