"""One worker process: its pipes, its environment, its end."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import sysconfig
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

LAST_WORDS = 300  # characters of what a dead worker said last


class WorkerProcess:
    """Starts at once; lines that it writes go to ``inbox`` as (self, line), its end as None."""

    def __init__(
        self, inbox: queue.Queue[tuple[WorkerProcess, bytes | None]], threads: int
    ) -> None:
        self.ticket: int | None = None
        self.until: float | None = None
        self.started_up = False
        self.families: set[str] = set()  # those it has fitted, which need a heavy library
        self._inbox = inbox
        self._said = tempfile.TemporaryFile()  # noqa: SIM115
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "heldout.search.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            env=environment(threads),
            **_own_group(),
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def send(self, message: Mapping[str, Any]) -> None:
        """Write one message; a dead worker is noticed by its reader."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()

    def last_words(self) -> str:
        """How it ended, and what it wrote on standard error at last."""
        code = self._wait(2.0)
        how = f"killed by signal {-code}" if code is not None and code < 0 else f"ended with {code}"
        with contextlib.suppress(OSError, ValueError):
            self._said.seek(0)
            said = self._said.read()[-LAST_WORDS:].decode(errors="replace").strip()
            return f"worker {how}: {said}" if said else f"worker {how}"
        return f"worker {how}"

    def hang_up(self) -> None:
        """Close its standard input, which ends it."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.close()

    def end(self, patience: float = 0.5) -> None:
        """Wait a moment for its end, then kill it."""
        if self._wait(patience) is None:
            self.kill()
            self._wait(5.0)
        self._clean()

    def kill(self) -> None:
        """End it now, without waiting for the system to clear up."""
        self.hang_up()
        self._process.kill()

    def _wait(self, seconds: float) -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._process.wait(seconds)
        return None

    def _clean(self) -> None:
        self._reader.join(1.0)
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._said.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with contextlib.suppress(OSError, ValueError):
            for line in self._process.stdout:
                if b'"ready"' in line[:10]:
                    self.started_up = True
                else:
                    self._inbox.put((self, line))
        self._inbox.put((self, None))


def environment(threads: int) -> dict[str, str]:
    """The parent's, with passive waiting set before any library of threads is loaded: spinning
    costs a factor of 10 to 30 once a core is taken by someone else (contract 9)."""
    own = dict(os.environ)
    count = str(threads)
    own |= {
        "OMP_WAIT_POLICY": "PASSIVE",
        "OMP_NUM_THREADS": count,
        "OPENBLAS_NUM_THREADS": count,
        "MKL_NUM_THREADS": count,
        "POLARS_MAX_THREADS": count,
        "PYTHONHASHSEED": "0",
    }
    root = str(Path(__file__).resolve().parents[2])
    if root not in (sysconfig.get_path("purelib"), sysconfig.get_path("platlib")):
        own["PYTHONPATH"] = os.pathsep.join(p for p in (root, own.get("PYTHONPATH", "")) if p)
    return own


def _own_group() -> dict[str, Any]:
    """A Ctrl-C on the terminal is for the parent alone, which then decides."""
    if os.name == "nt":  # pragma: no cover
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}  # type: ignore[attr-defined,unused-ignore]
    return {"process_group": 0}
