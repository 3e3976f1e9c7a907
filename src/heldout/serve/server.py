"""Run the service on uvicorn: one process, one bundle, loopback unless told otherwise."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import json
import os
import socket
import sys
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from heldout.bundle.read import Bundle
from heldout.core.clock import Deadline
from heldout.core.errors import HeldoutError
from heldout.core.names import quoted
from heldout.serve.app import create_app
from heldout.serve.guard import LOOPBACK, App
from heldout.serve.log import PredictionLog

MOST_AT_ONCE = 512


@dataclass(frozen=True)
class Running:
    """A service in a thread of this process."""

    address: str
    port: int


class _Server(uvicorn.Server):
    """Tells when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = threading.Event()
        self.say = ""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then print the address."""
        await super().startup(sockets)
        if self.say:
            sys.stdout.write(self.say)
            sys.stdout.flush()
        self.listening.set()


def serve(
    bundle: Bundle,
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    log_path: Path | None = None,
    log_inputs: bool = True,
    keep_days: float | None = None,
    threshold: float | None = None,
    token: str | None = None,
    hosts: Iterable[str] = (),
    quiet: bool = False,
    as_json: bool = False,
) -> None:
    """Answer until interrupted. Prints the address (with port 0, the one it got), ``as_json`` as
    one object on one line.

    Raises H602 where the port is taken, H603 where the address cannot be listened on.
    """
    listening = _listen(host, port)
    address = _address(host, listening)
    log = _log(bundle, log_path, log_inputs, keep_days)
    app = create_app(
        bundle, log=log, threshold=threshold, token=token, hosts=hosts, loopback=_is_loopback(host)
    )
    server = _server(app)
    if as_json:
        server.say = _object(bundle, address, log_path)
    else:
        server.say = f"{address}\n" if quiet else _words(bundle, address, log_path, log_inputs)
    with listening, contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listening])


@contextlib.contextmanager
def running(
    bundle: Bundle,
    *,
    log_path: Path | None = None,
    log_inputs: bool = True,
    threshold: float | None = None,
    token: str | None = None,
) -> Iterator[Running]:
    """The service in a thread, on a free port of loopback, while the block lasts."""
    listening = _listen("127.0.0.1", 0)
    log = _log(bundle, log_path, log_inputs, None)
    server = _server(create_app(bundle, log=log, threshold=threshold, token=token))
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listening]}, name="heldout-serve", daemon=True
    )
    with listening:
        thread.start()
        limit = Deadline.after(30)
        while not server.listening.wait(0.02):
            if limit.passed or not thread.is_alive():
                raise RuntimeError("the service did not start")
        try:
            yield Running(_address("127.0.0.1", listening), listening.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join(10)


def _server(app: App) -> _Server:
    return _Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=MOST_AT_ONCE,
            timeout_graceful_shutdown=5,
            ws="none",
        )
    )


def _log(
    bundle: Bundle, path: Path | None, inputs: bool, keep_days: float | None
) -> PredictionLog | None:
    if path is None:
        return None
    return PredictionLog(path, bundle.digest, log_inputs=inputs, keep_days=keep_days)


def _listen(host: str, port: int) -> socket.socket:
    """A bound socket. Some systems take a port modulo 65,536; we do not."""
    if not 0 <= port <= 65_535:
        raise _cannot_listen(host, port, "ports are whole numbers from 0 to 65535")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
    except (OSError, OverflowError) as error:
        raise _cannot_listen(host, port, str(error)) from error
    try:
        if os.name != "nt":  # there it would let two services share one port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(2048)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise HeldoutError(
                "H602",
                f"port {port} is in use",
                seen=f"another program listens on {host}:{port}",
                why="two services cannot share a port",
                do=["add --port 0 to take a free one"],
                wrote="Nothing was started.",
            ) from error
        raise _cannot_listen(host, port, error.strerror or str(error)) from error
    return listening


def _cannot_listen(host: str, port: int, seen: str) -> HeldoutError:
    return HeldoutError(
        "H603",
        f"cannot listen on {host}:{port}",
        seen=seen,
        why="the address must be one of this machine, the port one that you may use",
        do=["leave --host out for this machine alone, add --port 0 for a free port"],
        wrote="Nothing was started.",
    )


def _is_loopback(host: str) -> bool:
    if host.lower() in LOOPBACK:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _address(host: str, listening: socket.socket) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{listening.getsockname()[1]}"


def _words(bundle: Bundle, address: str, log_path: Path | None, inputs: bool) -> str:
    lines = [
        f"Serving   {bundle.name} ({bundle.task.target}) at {address}",
        f"Page      {address}/",
        f"Programs  POST {address}/predict   described in {address}/openapi.json",
    ]
    if log_path is None:
        lines.append("Log       none")
    else:
        lines.append(f"Log       {quoted(log_path)}" + ("" if inputs else ", without inputs"))
        lines.append(f"Watch     heldout monitor {quoted(bundle.path)} {quoted(log_path)}")
    lines.append("Stop      Ctrl-C")
    return "\n".join(lines) + "\n"


def _object(bundle: Bundle, address: str, log_path: Path | None) -> str:
    told = {
        "address": address,
        "predict": f"{address}/predict",
        "openapi": f"{address}/openapi.json",
        "bundle": str(bundle.path),
        "target": bundle.task.target,
        "log": None if log_path is None else str(log_path),
    }
    return json.dumps(told, ensure_ascii=False) + "\n"
