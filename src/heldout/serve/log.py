"""The prediction log: SQLite, written by a thread, never in the way of an answer (joints 14).

``predictions(id, at, model_digest, inputs, outputs, refused)`` and ``labels(id, value, at)``;
``at`` is UTC in ISO form, ``inputs`` and ``outputs`` are JSON (``inputs`` NULL where private).
"""

from __future__ import annotations

import os
import queue
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from heldout.core.clock import now

QUEUE = 256  # batches; a batch holds at most 10,000 rows
RETRY_SECONDS = 5.0
_TABLES = (
    "CREATE TABLE IF NOT EXISTS predictions (id TEXT PRIMARY KEY, at TEXT NOT NULL, "
    "model_digest TEXT NOT NULL, inputs TEXT, outputs TEXT, refused TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS labels (id TEXT NOT NULL, value TEXT, at TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS predictions_at ON predictions (at)",
    "CREATE INDEX IF NOT EXISTS labels_id ON labels (id)",
)


@dataclass(frozen=True)
class Entry:
    """One answered or refused row; ``inputs`` and ``outputs`` are JSON texts."""

    id: str
    inputs: str | None
    outputs: str | None
    refused: str = ""


class PredictionLog:
    """Entries go into a bounded queue; a full queue or a dead file is counted, not waited for.

    ``log_inputs=False`` leaves out what was asked; ``keep_days`` forgets what is older.
    """

    def __init__(
        self,
        path: Path,
        model_digest: str,
        *,
        log_inputs: bool = True,
        keep_days: float | None = None,
    ) -> None:
        self.path = path
        self.model_digest = model_digest
        self.log_inputs = log_inputs
        self.keep_days = keep_days
        self.dropped = 0  # rows that are not in the log
        self.errors = 0  # writes that failed
        self._queue: queue.Queue[tuple[str, Sequence[tuple[object, ...]]] | None] = queue.Queue(
            QUEUE
        )
        self._broken_until = 0.0
        self._thread = threading.Thread(target=self._work, name="heldout-log", daemon=True)
        self._thread.start()

    def add(self, entries: Sequence[Entry]) -> None:
        """Hand over answered rows. Returns at once."""
        at = _now()
        rows = [
            (
                e.id,
                at,
                self.model_digest,
                e.inputs if self.log_inputs else None,
                e.outputs,
                e.refused,
            )
            for e in entries
        ]
        self._put("INSERT OR REPLACE INTO predictions VALUES (?, ?, ?, ?, ?, ?)", rows)

    def label(self, pairs: Iterable[tuple[str, str | None]]) -> None:
        """Hand over what turned out to be true, by id."""
        at = _now()
        self._put("INSERT INTO labels VALUES (?, ?, ?)", [(i, value, at) for i, value in pairs])

    def close(self, seconds: float = 5.0) -> None:
        """Write what is queued and stop."""
        try:
            self._queue.put(None, timeout=seconds)
        except queue.Full:
            return
        self._thread.join(seconds)

    def flush(self, seconds: float = 5.0) -> bool:
        """Wait until the queue is empty; whether it is."""
        end = now() + seconds
        with self._queue.all_tasks_done:
            while self._queue.unfinished_tasks and now() < end:
                self._queue.all_tasks_done.wait(0.05)
            return not self._queue.unfinished_tasks

    def _put(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        try:
            self._queue.put_nowait((statement, rows))
        except queue.Full:
            self.dropped += len(rows)

    def _work(self) -> None:
        connection: sqlite3.Connection | None = None
        while (job := self._queue.get()) is not None:
            statement, rows = job
            try:
                if now() < self._broken_until:
                    self.dropped += len(rows)
                    continue
                if connection is None:
                    connection = self._open()
                with connection:
                    connection.executemany(statement, rows)
            except (sqlite3.Error, OSError):
                # A dead log never stops an answer: count, let go, try again in a while.
                self.errors += 1
                self.dropped += len(rows)
                self._broken_until = now() + RETRY_SECONDS
                _close(connection)
                connection = None
            finally:
                self._queue.task_done()
        _close(connection)

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if not self.path.exists():
            os.close(os.open(self.path, os.O_CREAT | os.O_WRONLY, 0o600))
        connection = sqlite3.connect(self.path, timeout=2.0, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            with connection:
                for table in _TABLES:
                    connection.execute(table)
            if self.keep_days is not None:
                _forget_before(connection, datetime.now(UTC) - timedelta(days=self.keep_days))
        except sqlite3.Error:
            connection.close()
            raise
        return connection


def forget(path: Path, ids: Iterable[str]) -> int:
    """Delete predictions and their labels by id; returns how many predictions went."""
    with closing(sqlite3.connect(path)) as connection, connection:
        wanted = [(i,) for i in ids]
        connection.executemany("DELETE FROM labels WHERE id = ?", wanted)
        return connection.executemany("DELETE FROM predictions WHERE id = ?", wanted).rowcount


def _forget_before(connection: sqlite3.Connection, moment: datetime) -> None:
    at = moment.isoformat(timespec="milliseconds")
    with connection:
        connection.execute(
            "DELETE FROM labels WHERE id IN (SELECT id FROM predictions WHERE at < ?)", (at,)
        )
        connection.execute("DELETE FROM predictions WHERE at < ?", (at,))


def _close(connection: sqlite3.Connection | None) -> None:
    if connection is not None:
        try:
            connection.close()
        except sqlite3.Error:
            return


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
