"""The append-only record of every decision (contract 2).

One JSON object a line, each with the SHA-256 of the line before. A line torn by a crash at the
end of the file is ignored when reading and cut off before the next append.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from heldout.core.errors import HeldoutError


@dataclass(frozen=True)
class Entry:
    """One decision. ``numbers`` is any JSON; ``seconds`` count from the start of the run."""

    step: str
    decision: str
    reason: str = ""
    numbers: Mapping[str, Any] = field(default_factory=dict)
    alternatives: Sequence[Mapping[str, Any]] = ()
    overrule: str = ""
    cost: float | None = None
    time: str = ""


class Journal:
    """Appends entries; the file is the truth and everything else is a view of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        lines = list(_whole_lines(path)) if path.exists() else []
        self._last = hashlib.sha256(lines[-1]).hexdigest() if lines else ""
        if path.exists():
            size = sum(len(line) + 1 for line in lines)
            if size != path.stat().st_size:
                with path.open("r+b") as file:
                    file.truncate(size)

    def append(
        self,
        step: str,
        decision: str,
        reason: str = "",
        numbers: Mapping[str, Any] | None = None,
        *,
        alternatives: Sequence[Mapping[str, Any]] = (),
        overrule: str = "",
        cost: float | None = None,
    ) -> Entry:
        """Write one entry and make it durable."""
        entry = Entry(
            step,
            decision,
            reason,
            dict(numbers or {}),
            tuple(alternatives),
            overrule,
            cost,
            datetime.now(UTC).isoformat(timespec="milliseconds"),
        )
        line = json.dumps(
            {
                "time": entry.time,
                "step": step,
                "decision": decision,
                "reason": reason,
                "numbers": entry.numbers,
                "alternatives": list(alternatives),
                "overrule": overrule,
                "cost": cost,
                "before": self._last,
            },
            ensure_ascii=False,
            allow_nan=False,
            default=_plain,
        ).encode()
        with self.path.open("ab") as file:
            file.write(line + b"\n")
            file.flush()
            os.fsync(file.fileno())
        self._last = hashlib.sha256(line).hexdigest()
        return entry

    def entries(self) -> list[Entry]:
        """All entries, in order."""
        return read_journal(self.path)


def read_journal(path: Path) -> list[Entry]:
    """Read a journal and check its chain; raises H501 where a line was altered."""
    entries = []
    before = ""
    for number, line in enumerate(_whole_lines(path), start=1):
        record = json.loads(line)
        if record["before"] != before:
            raise HeldoutError(
                "H501",
                f"{path} was altered at line {number}",
                seen="the hash of the line before does not match",
                why="the report and the count of openings rest on this record",
                do=["restore the file from a copy, or run again with another --out"],
            )
        before = hashlib.sha256(line).hexdigest()
        entries.append(Entry(**{k: v for k, v in record.items() if k != "before"}))
    return entries


def _whole_lines(path: Path) -> Iterator[bytes]:
    """Lines that end in a newline and parse as JSON; a torn last line is left out."""
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                return
            yield line[:-1]


def _plain(value: object) -> object:
    """NumPy scalars and arrays, paths and tuples as JSON."""
    if hasattr(value, "tolist"):
        return value.tolist()
    return str(value)
