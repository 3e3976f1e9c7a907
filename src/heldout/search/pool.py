"""Worker processes behind ``submit, wait, cancel, put`` (contract 15, joints 9).

Workers are modules of heldout, started with the interpreter that runs now: a script without a
main guard and a notebook cell work, on every system. One JSON object a line goes in and comes
out. A worker ends with its parent, however that ends, because its standard input closes.
"""

from __future__ import annotations

import contextlib
import json
import queue
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from heldout.core.clock import now
from heldout.search.process import WorkerProcess

GRACE = 0.5  # seconds between a soft deadline and the end of the worker


@dataclass(frozen=True)
class Reply:
    """What became of a message. ``end`` is "done" (``value`` holds the answer), "error" (an
    exception: ``words`` one line, ``trace`` all of it), "overran" (ended half a second after its
    deadline), "died" (killed from outside, or out of memory) or "cancelled"."""

    ticket: int
    end: str
    value: Mapping[str, Any]
    words: str = ""
    trace: str = ""

    @property
    def ok(self) -> bool:
        """Whether there is an answer."""
        return self.end == "done"


class Pool:
    """A few long-lived workers, each with one message at a time.

    Start it before the data is read: the imports of the workers overlap with reading.
    ``stopping`` is set by whoever wants the search to end with what is there.

    >>> with Pool(workers=1) as pool:
    ...     ticket = pool.submit({"do": "echo", "value": 3})
    ...     [(r.ticket == ticket, r.value["value"]) for r in pool.wait(60)]
    [(True, 3)]
    """

    def __init__(self, workers: int = 2, folder: Path | None = None, *, threads: int = 1) -> None:
        self.stopping = False
        self.workers = workers
        self._threads = threads
        self._inbox: queue.Queue[tuple[WorkerProcess, bytes | None]] = queue.Queue()
        self._waiting: deque[tuple[int, Mapping[str, Any], float | None]] = deque()
        self._ready: list[Reply] = []
        self._tickets = 0
        self._data: str | None = None
        self._guests: list[str] = []
        self._gone: list[WorkerProcess] = []
        self._crew = [self._start() for _ in range(workers)]
        if folder is not None:
            self.put(folder)

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def idle(self) -> int:
        """How many more messages would be worked on at once."""
        return sum(w.ticket is None for w in self._crew) - len(self._waiting)

    @property
    def open_tickets(self) -> int:
        """Messages without an answer."""
        return sum(w.ticket is not None for w in self._crew) + len(self._waiting)

    @property
    def pids(self) -> list[int]:
        """The process ids of the workers."""
        return [w.pid for w in self._crew]

    def put(self, folder: Path) -> None:
        """Let every worker, those started later too, work on the data in ``folder``."""
        self._data = str(folder)
        for worker in self._crew:
            worker.send({"do": "load", "folder": self._data})

    def warm_nets(self) -> None:
        """Let one worker import what networks need, before there is anything to fit."""
        worker = self._crew[-1]
        if worker.ticket is None and not worker.families:
            worker.families.add("net")
            worker.send({"do": "warm"})

    def admit(self, paths: Sequence[str]) -> None:
        """Let every worker, those started later too, run these files (``models.guests``)."""
        self._guests = list(paths)
        for worker in self._crew:
            worker.send({"do": "admit", "paths": self._guests})

    def submit(self, message: Mapping[str, Any], until: float | None = None) -> int:
        """Hand a message over and return its ticket; ``until`` is its soft deadline on the
        monotonic clock: half a second later the worker is ended."""
        self._tickets += 1
        self._waiting.append((self._tickets, message, until))
        self._hand_out()
        return self._tickets

    def wait(self, timeout: float) -> list[Reply]:
        """Whatever has been answered; waits until something is, at most ``timeout`` seconds."""
        end = now() + timeout
        while not self._ready and self.open_tickets:
            self._end_overrunning()
            step = min(0.05, max(0.0, end - now()))
            with contextlib.suppress(queue.Empty):
                self._take(*self._inbox.get(timeout=step) if step else self._inbox.get_nowait())
            if now() >= end:
                break
        with contextlib.suppress(queue.Empty):
            while True:
                self._take(*self._inbox.get_nowait())
        self._end_overrunning()
        replies, self._ready = self._ready, []
        return replies

    def cancel(self, ticket: int) -> None:
        """Forget a message; a worker that is at it is ended and another one started."""
        for entry in list(self._waiting):
            if entry[0] == ticket:
                self._waiting.remove(entry)
                self._ready.append(Reply(ticket, "cancelled", {}))
        for i, worker in enumerate(self._crew):
            if worker.ticket == ticket:
                self._replace(i, "cancelled", "")

    def cancel_all(self) -> None:
        """Forget everything that has no answer yet."""
        for ticket, _, _ in list(self._waiting):
            self.cancel(ticket)
        for worker in list(self._crew):
            if worker.ticket is not None:
                self.cancel(worker.ticket)

    def close(self) -> None:
        """End all workers."""
        self._waiting.clear()
        for worker in self._crew:
            worker.hang_up()
        for worker in (*self._crew, *self._gone):
            worker.end()

    def _start(self) -> WorkerProcess:
        worker = WorkerProcess(self._inbox, self._threads)
        if self._guests:
            worker.send({"do": "admit", "paths": self._guests})
        if self._data is not None:
            worker.send({"do": "load", "folder": self._data})
        return worker

    def _hand_out(self) -> None:
        """Messages in their order to idle workers; fits of one ``family`` go where it was fitted
        before if that worker is idle, so that its library is imported, and its programs are
        compiled, once (joints 9)."""
        idle = [w for w in self._crew if w.ticket is None]
        while self._waiting and idle:
            ticket, message, until = self._waiting.popleft()
            family = message.get("family")
            worker = min(idle, key=lambda w: _misfit(family, w.families))
            idle.remove(worker)
            if family is not None:
                worker.families.add(family)
            worker.ticket, worker.until = ticket, until
            worker.send({**message, "ticket": ticket, "until": until})

    def _take(self, worker: WorkerProcess, line: bytes | None) -> None:
        """One line of a worker, or None when its pipe was closed."""
        if worker not in self._crew:
            return
        if line is None:
            self._replace(self._crew.index(worker), "died", worker.last_words())
            return
        reply = json.loads(line)
        if worker.ticket is None or reply["ticket"] != worker.ticket:
            return
        worker.ticket = worker.until = None
        end = "error" if "error" in reply else "done"
        words, trace = reply.get("error", ""), reply.get("trace", "")
        self._ready.append(Reply(reply["ticket"], end, reply.get("value") or {}, words, trace))
        self._hand_out()

    def _end_overrunning(self) -> None:
        for i, worker in enumerate(self._crew):
            if (
                worker.ticket is not None
                and worker.until is not None
                and now() > worker.until + GRACE
            ):
                self._replace(i, "overran", "did not end at its deadline")

    def _replace(self, i: int, end: str, words: str) -> None:
        """End a worker and start another one in its place."""
        old = self._crew[i]
        if old.ticket is not None:
            self._ready.append(Reply(old.ticket, end, {}, words))
        old.kill()
        self._gone.append(old)
        if old.started_up or old.ticket is not None:
            self._crew[i] = self._start()
            self._hand_out()
            return
        self._crew.pop(i)
        if not self._crew:
            raise RuntimeError(f"no worker can be started: {words}")


def _misfit(family: str | None, known: set[str]) -> int:
    """0 where the worker knows the family; others leave such a worker free.

    >>> _misfit("net", {"net"}), _misfit("net", set()), _misfit(None, {"net"})
    (0, 1, 2)
    """
    if family is None:
        return 2 * bool(known)
    return 0 if family in known else 1
