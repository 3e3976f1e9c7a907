"""The ledger of openings: how often any run has looked at these sealed samples (contract 1).

One SQLite file in the person's state folder. A ledger that cannot be written stops no run; it
says so in ``problem``.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from heldout.core import files

TABLE = "CREATE TABLE IF NOT EXISTS openings (fingerprint TEXT, run TEXT, time TEXT)"
WAIT = 5.0  # seconds for another process to finish its line


@dataclass(frozen=True)
class Opening:
    """One look at sealed samples: by which run, when (ISO 8601, UTC)."""

    run: str
    time: str


class Ledger:
    """``Ledger().open(fingerprint, run, time)`` enters a look and returns the earlier ones."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or files.state_folder() / "ledger.sqlite"
        self.problem = ""

    def open(self, fingerprint: str, run_id: str, time: str) -> list[Opening]:
        """Enter an opening; the openings before it, oldest first. Atomic between processes.

        Where it could not be written ``problem`` says why, and the list is what can be read.
        """
        self.problem = ""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=WAIT, isolation_level=None)) as db:
                db.execute("BEGIN IMMEDIATE")
                db.execute(TABLE)
                earlier = _read(db, fingerprint)
                db.execute("INSERT INTO openings VALUES (?, ?, ?)", (fingerprint, run_id, time))
                db.execute("COMMIT")
                return earlier
        except (OSError, sqlite3.Error) as error:
            earlier = self.openings(fingerprint)
            self.problem = f"the ledger {self.path} could not be written: {error}"
            return earlier

    def openings(self, fingerprint: str) -> list[Opening]:
        """All looks at these samples, oldest first; none where there is no ledger."""
        self.problem = ""
        try:
            if not self.path.exists():
                return []
            with closing(sqlite3.connect(self.path, timeout=WAIT)) as db:
                return _read(db, fingerprint)
        except (OSError, sqlite3.Error) as error:
            self.problem = f"the ledger {self.path} could not be read: {error}"
            return []


def _read(db: sqlite3.Connection, fingerprint: str) -> list[Opening]:
    rows = db.execute(
        "SELECT run, time FROM openings WHERE fingerprint = ? ORDER BY rowid", (fingerprint,)
    )
    return [Opening(str(run), str(time)) for run, time in rows]
