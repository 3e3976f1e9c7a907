"""The worker: reads one message a line, works, answers one line. Started by ``search.process``."""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any, BinaryIO

Message = dict[str, Any]


def main() -> None:
    """Serve until standard input closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # what libraries print must not get into the answers
    inbox: queue.Queue[Message] = queue.Queue()
    threading.Thread(target=_read, args=(sys.stdin.buffer, inbox), daemon=True).start()
    from heldout.search.tasks import Desk

    desk = Desk()
    out.write(b'{"ready": true}\n')
    warm(inbox)
    while True:
        message = inbox.get()
        if message["do"] == "warm":
            warm_nets()
            continue
        answer = handled(desk.handle, message)
        if "ticket" in message:
            out.write(json.dumps(answer).encode() + b"\n")


def handled(handle: Callable[[Message], Message], message: Message) -> Message:
    """The answer, or the exception as text: one fit that fails ends no run."""
    try:
        return {"ticket": message.get("ticket"), "value": handle(message)}
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told
        import traceback

        words = f"{type(error).__name__}: {error}".strip()
        return {
            "ticket": message.get("ticket"),
            "error": words,
            "trace": traceback.format_exc(),
        }


def warm(inbox: queue.Queue[Message]) -> None:
    """Import what most fits need, while the parent reads the data."""
    try:
        from heldout.models import _lightgbm, card  # noqa: F401
        from heldout.primitives import recipe  # noqa: F401

        _lightgbm.lightgbm()
        if inbox.empty():
            import sklearn.tree  # noqa: F401
    except Exception:  # noqa: BLE001, S110 - the fit that needs it will say so
        pass


def warm_nets() -> None:
    """Import Keras and JAX, and start the device: 1.6 CPU seconds, while the parent audits."""
    try:
        from heldout.models.nets import fitting

        fitting.ready()
    except Exception:  # noqa: BLE001, S110 - the fit that needs it will say so
        pass


def _read(source: BinaryIO, inbox: queue.Queue[Message]) -> None:
    """Pass messages on; when the parent hangs up or dies, end at once, whatever is being done."""
    for line in source:
        inbox.put(json.loads(line))
    os._exit(0)


if __name__ == "__main__":
    main()
